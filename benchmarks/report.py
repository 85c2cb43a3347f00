"""``python -m benchmarks.report``: tables and charts of speeds, from ``benchmarks/speeds.json``.

`make speeds` measures the file anew and calls this. Nothing else writes these figures.
"""

import json
import textwrap
from datetime import date
from html import escape
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
DATA = ROOT / "benchmarks" / "speeds.json"
CHART = ROOT / "docs" / "_static" / "speeds.svg"
# The rows that are drawn: batches of 200 or so.
CHARTED = {
    ("Fashion-MNIST", "300-100", 200): "Fashion-MNIST",
    ("California", "50-50-50", 200): "California housing",
    ("Covertype", "256-256-256", 256): "Covertype",
}
COMPETITORS = ("skmlp", "scikit-learn", "PyTorch")
# Instructions, by the name of OpenBLAS's kernels for them.
INSTRUCTIONS = {"Haswell": "AVX2", "Zen": "AVX2", "SkylakeX": "AVX-512", "Cooperlake": "AVX-512"}


def read():
    """Return what was measured, as `benchmarks.speeds` wrote it."""
    return json.loads(DATA.read_text(encoding="utf-8"))


def charted(speeds):
    """Return the rows that are drawn: a title, a subtitle, and each competitor's `Bar`."""
    rows = {(row["data"], row["network"], row["batch"]): row for row in speeds["epochs"][0]["rows"]}
    return [
        (
            title,
            f"{network}, batches of {batch}",
            [make_bar(rows[data, network, batch], who) for who in COMPETITORS],
        )
        for (data, network, batch), title in CHARTED.items()
    ]


class Bar(NamedTuple):
    """A competitor, the share of the longest bar, and what is written beside it."""

    who: str
    share: float
    text: str


def make_bar(row, who):
    """Return the bar of a competitor in one row."""
    ratio = "" if who == "skmlp" else f", {row['ratio'][who]:.1f} times as long"
    share = row["ms"][who] / max(row["ms"][other] for other in COMPETITORS)
    return Bar(who, share, f"{rounded(row['ms'][who])} ms{ratio}")


def rounded(ms):
    """Return milliseconds as a reader wants them."""
    return f"{ms:.{0 if ms >= 10 else 1 if ms >= 1 else 2}f}"


# The words around the tables


def how(speeds):
    """Return how it was measured."""
    versions = speeds["versions"]
    day = date.fromisoformat(speeds["date"])
    return (
        "Milliseconds per epoch from float64 arrays with default arguments but for sizes and batch "
        f"size: medians of {speeds['n_rounds']} alternating runs on {speeds['n_cores']} cores "
        f"({speeds['processor']}) of a shared machine, {day.day} {day:%B %Y}; in brackets, how "
        "many times as long as skmlp: the median of the runs' ratios, not the ratio of the "
        f"medians. scikit-learn {versions['scikit-learn']}; PyTorch "
        f"{versions['torch'].partition('+')[0]} is eager, in float32, with fused Adam; the "
        "products are the matrix products of the training alone."
    )


def instructions(kernels):
    """Return the name of the instructions that kernels are made for."""
    return INSTRUCTIONS.get(kernels, kernels)


def spread(rows, who):
    """Return the smallest and the largest ratio of a competitor, in words."""
    ratios = [row["ratio"][who] for row in rows]
    return f"{min(ratios):.1f} to {max(ratios):.1f} times as long"


def other_kernels(speeds):
    """Return what the other kernels that were measured make of it, or only which these are."""
    first, *others = speeds["epochs"]
    text = f"NumPy's BLAS has chosen its kernels for {instructions(first['kernels'])} here."
    for other in others:
        text += (
            f" With those for {instructions(other['kernels'])}, as another processor may have "
            f"them, scikit-learn took {spread(other['rows'], 'scikit-learn')}, PyTorch "
            f"{spread(other['rows'], 'PyTorch')}."
        )
    return text


def case_name(row):
    """Return a row's data, network and batch size."""
    return f"{row['data']} {row['n_samples']:,}, {row['network']}, {row['batch']}"


def short_names(rows):
    """Return the names of rows, without what they have in common with the row above."""
    names, above = [], {}
    for row in rows:
        parts = [row["network"], str(row["batch"])]
        if row["data"] != above.get("data"):
            names.append(case_name(row))
        else:
            names.append(", ".join(["same", *parts[row["network"] == above["network"] :]]))
        above = row
    return names


# README.md


def readme_block(speeds):
    """Return chart, words and table as Markdown."""
    rows = speeds["epochs"][0]["rows"]
    minor = ".".join(speeds["versions"]["scikit-learn"].split(".")[:2])
    others = ("scikit-learn", "PyTorch", "products")
    table = [
        f"| data, network, batch | skmlp | scikit-learn {minor} | PyTorch | products |",
        "|---|---:|---:|---:|---:|",
        *(
            f"| {name} | {rounded(row['ms']['skmlp'])} | "
            + " | ".join(f"{rounded(row['ms'][who])} ({row['ratio'][who]:.1f})" for who in others)
            + " |"
            for name, row in zip(short_names(rows), rows, strict=True)
        ),
    ]
    picture = f"![{said(speeds)}](docs/_static/speeds.svg)"
    words = [fill(picture), fill(how(speeds)), "\n".join(table), fill(other_kernels(speeds))]
    return "\n\n".join(words)


def fill(text):
    """Return text in lines of a hundred characters."""
    return textwrap.fill(text, 100, break_on_hyphens=False, break_long_words=False)


def said(speeds):
    """Return the chart in words."""
    groups = [
        f"{title}: " + ", ".join(f"{bar.who} {bar.text}" for bar in bars)
        for title, _, bars in charted(speeds)
    ]
    return f"Milliseconds per epoch. {'. '.join(groups)}."


# The page on speed and memory


def guide_block(speeds):
    """Return words and tables as reStructuredText."""
    first, *others = speeds["epochs"]
    parts = [
        fill(how(speeds)),
        fill(
            f"The OpenBLAS in NumPy's wheel ({speeds['versions']['numpy']}) chose its kernels for "
            f'{instructions(first["kernels"])} ("{first["kernels"]}") on this processor:'
        ),
        epochs_table(first["rows"]),
    ]
    for other in others:
        kernels = other["kernels"]
        parts += [
            fill(
                f"With those for {instructions(kernels)}, as another processor may have them "
                f"(``OPENBLAS_CORETYPE={kernels}`` in the environment):"
            ),
            epochs_table(other["rows"]),
        ]
    calls = [
        (call_name(call["call"]), rounded(call["ms"]["skmlp"]), beside(call, "scikit-learn"))
        for call in speeds["calls"]
    ]
    parts += [
        "Whole calls with default arguments, in milliseconds, in the same way:",
        list_table(("call", "skmlp", "scikit-learn"), calls),
        f"``import skmlp`` takes {rounded(speeds['import_ms'])} ms more than "
        "``import sklearn.neural_network``.",
    ]
    return "\n\n".join(parts)


def epochs_table(rows):
    """Return the milliseconds per epoch of every case and competitor."""
    others = ("scikit-learn", "PyTorch", "products")
    return list_table(
        ("data, network, batch", "skmlp", *others),
        [
            (case_name(row), f"{row['ms']['skmlp']:.1f}", *(beside(row, who) for who in others))
            for row in rows
        ],
    )


def beside(row, who):
    """Return a competitor's milliseconds and ratio."""
    return f"{rounded(row['ms'][who])} ({row['ratio'][who]:.2f})"


def call_name(name):
    """Return the name of a call with its method as code."""
    method, *rest = name.split(", ")
    return ", ".join([f"`{method}`", *rest])


def list_table(head, rows):
    """Return a table."""
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in (head, *rows):
        lines += [f"   {'*' if not i else ' '} - {cell}" for i, cell in enumerate(row)]
    return "\n".join(lines)


# The picture

WIDTH, LABEL, BAR_END, BAR, GROUP = 760, 110, 560, 22, 112
COLORS = {"skmlp": "#3b75af", "scikit-learn": "#9a9a9a", "PyTorch": "#c4c4c4"}


def picture(speeds):
    """Return the chart as SVG."""
    groups = charted(speeds)
    height = GROUP * len(groups) + 8
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" font-family="system-ui, sans-serif" font-size="14" fill="#222">',
        f"<title>{escape(said(speeds))}</title>",
        f'<rect width="{WIDTH}" height="{height}" rx="6" fill="#fff"/>',
    ]
    for place, (title, subtitle, bars) in enumerate(groups):
        top = GROUP * place + 26
        lines.append(
            f'<text x="16" y="{top}"><tspan font-weight="bold">{escape(title)}</tspan> '
            f'<tspan fill="#666">{escape(subtitle)}</tspan></text>'
        )
        for line, bar in enumerate(bars):
            lines += drawn(bar, top + 12 + BAR * line)
    return "\n".join([*lines, "</svg>", ""])


def drawn(bar, y):
    """Return a bar with its words, from `y` downwards."""
    weight = ' font-weight="bold"' if bar.who == "skmlp" else ""
    width = (BAR_END - LABEL) * bar.share
    return [
        f'<text x="16" y="{y + 13}"{weight}>{bar.who}</text>',
        f'<rect x="{LABEL}" y="{y + 1}" width="{width:.1f}" height="{BAR - 6}" rx="2" '
        f'fill="{COLORS[bar.who]}"/>',
        f'<text x="{LABEL + width + 8:.1f}" y="{y + 13}"{weight}>{bar.text}</text>',
    ]


# All of them

BLOCKS = {
    ROOT / "README.md": (
        readme_block,
        "<!-- Written by `make speeds`, -->",
        "<!-- until here. -->",
    ),
    ROOT / "docs" / "user_guide" / "performance.rst": (
        guide_block,
        ".. Written by make speeds,",
        ".. until here.",
    ),
}


def written(speeds):
    """Return the text of every file that shows speeds, by its path."""
    texts = {CHART: picture(speeds)}
    for path, (block, begin, end) in BLOCKS.items():
        before, rest = path.read_text(encoding="utf-8").split(begin)
        texts[path] = f"{before}{begin}\n\n{block(speeds)}\n\n{end}{rest.split(end)[1]}"
    return texts


def write():
    """Write the figures wherever they stand."""
    for path, text in written(read()).items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
