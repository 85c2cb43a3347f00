"""The speed chart of the landing page, drawn from the table of speeds in README.md."""

import re
from html import escape
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"
# The rows that are drawn, batches of 200 or so, and what they are called.
ROWS = {
    "Fashion-MNIST 20,000, 300-100, 200": "Fashion-MNIST",
    "California, 50-50-50, 200": "California housing",
    "Covertype 50,000, 256-256-256, 256": "Covertype",
}
FIGURE = """\
<figure class="speeds">
{groups}
<figcaption>{caption}</figcaption>
</figure>
"""
GROUP = """\
<div class="speeds-group" role="group" aria-label="{label}">
<div class="speeds-label"><strong>{name}</strong> {detail}</div>
{bars}
</div>"""
BAR = """\
<div class="speeds-row"><span>{competitor}</span>\
<div class="speeds-track"><div class="speeds-bar" style="width: {percent:.1f}%"></div></div>\
<span>{milliseconds:g} ms</span></div>"""
CAPTION = "Milliseconds per epoch: shorter is better. All rows, and how they were measured: "


def read_speeds(readme):
    """Return the milliseconds per epoch of every competitor, by the row of the table.

    Parameters
    ----------
    readme : str
        The text of README.md.

    Returns
    -------
    dict of str to dict of str to float
        A row that begins with "same" has what it leaves out from the row above it.
    """
    table = re.search(r"^\| data, network, batch.*?(?=\n\n)", readme, re.MULTILINE | re.DOTALL)
    lines = [line for line in table[0].split("\n") if not line.startswith("|-")]
    head, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    speeds, name = {}, ""
    for cells in rows:
        name = full_name(cells[0], name)
        numbers = [float(cell.split(" (")[0]) for cell in cells[1:]]
        speeds[name] = dict(zip(head[1:], numbers, strict=True))
    return speeds


def full_name(name, above):
    """Return the name of a row without "same"."""
    same, *parts = name.split(", ")
    return ", ".join(above.split(", ")[: -len(parts)] + parts) if same == "same" else name


def group(name, times):
    """Return the bars of one row; the longest is as long as there is room."""
    short = ROWS[name]
    longest = max(times.values())
    bars = "\n".join(
        BAR.format(competitor=escape(who), percent=100 * time / longest, milliseconds=time)
        for who, time in times.items()
    )
    detail = escape(", batches of ".join(name.split(", ", 1)[1].rsplit(", ", 1)))
    return GROUP.format(label=short, name=short, detail=detail, bars=bars)


def chart(readme):
    """Return the chart as HTML."""
    speeds = read_speeds(readme)
    groups = [
        group(name, {who: time for who, time in speeds[name].items() if who != "products"})
        for name in ROWS
    ]
    return FIGURE.format(
        groups="\n".join(groups),
        caption=CAPTION + '<a href="user_guide/performance.html#bench">Speed and memory</a>.',
    )


def write_chart(app, config):
    """Write the chart where the landing page includes it, unless it is there already."""
    path = Path(app.srcdir) / "generated" / "speeds.html"
    path.parent.mkdir(exist_ok=True)
    text = chart(README.read_text(encoding="utf-8"))
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def setup(app):
    """Connect the chart to the build."""
    app.connect("config-inited", write_chart)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
