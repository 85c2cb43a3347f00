"""The speed chart of the landing page, from the same figures as all others."""

from html import escape
from pathlib import Path

from benchmarks import report

FIGURE = """\
<figure class="speeds">
{groups}
<figcaption>{caption}</figcaption>
</figure>
"""
GROUP = """\
<div class="speeds-group" role="group" aria-label="{title}">
<div class="speeds-label"><strong>{title}</strong> {subtitle}</div>
{bars}
</div>"""
BAR = """\
<div class="speeds-row"><span>{who}</span>\
<div class="speeds-track"><div class="speeds-bar" style="width: {percent:.1f}%"></div></div>\
<span>{time}</span></div>"""
CAPTION = "Milliseconds per epoch: shorter is better. All rows, and how they were measured: "


def group(title, subtitle, bars):
    """Return the bars of one row; the longest is as long as there is room."""
    lines = [
        BAR.format(who=escape(bar.who), percent=100 * bar.share, time=bar.text.partition(",")[0])
        for bar in bars
    ]
    return GROUP.format(title=title, subtitle=escape(subtitle), bars="\n".join(lines))


def chart(speeds):
    """Return the chart as HTML."""
    return FIGURE.format(
        groups="\n".join(group(*row) for row in report.charted(speeds)),
        caption=CAPTION + '<a href="user_guide/performance.html#bench">Speed and memory</a>.',
    )


def write_chart(app, config):
    """Write the chart where the landing page includes it, unless it is there already."""
    path = Path(app.srcdir) / "generated" / "speeds.html"
    path.parent.mkdir(exist_ok=True)
    text = chart(report.read())
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def setup(app):
    """Connect the chart to the build."""
    app.connect("config-inited", write_chart)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
