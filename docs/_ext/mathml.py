"""Equations as MathML, which browsers draw themselves: no script and nothing to fetch."""

from docutils import nodes
from docutils.utils.math import latex2mathml
from sphinx.util.math import get_node_equation_number


def mathml(source, display):
    """Return an equation in MathML."""
    tree = latex2mathml.tex2mathml(source, as_block=display)
    return tree if isinstance(tree, str) else tree.toxml()


def visit_math(translator, node):
    """Write an equation in a line of text."""
    translator.body.append(mathml(node.astext(), display=False))
    raise nodes.SkipNode


def visit_math_block(translator, node):
    """Write an equation on a line of its own."""
    translator.body.append(translator.starttag(node, "div", CLASS="math"))
    if node["number"]:
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="eqno">({number})</span>')
    translator.body.append(mathml(node.astext(), display=True))
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app):
    """Register the renderer."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math_block, None))
    app.config.html_math_renderer_name = "mathml"
    return {"parallel_read_safe": True, "parallel_write_safe": True}
