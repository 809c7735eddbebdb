"""Report the results: tables for the terminal and the docs, and a chart.

`python -m benchmarks.report` writes them again from results.json, without measuring.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.chart import Bar, draw_chart
from benchmarks.clips.results import Clips
from benchmarks.measurement import Group, Measurement, Target
from benchmarks.results import Results, Ways

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- results -->", "<!-- end of results -->"

NO_SPEECH = (
    "Speech was not measured: its packages are not installed. Run"
    " `.venv/bin/pip install -r requirements-speech.txt` and"
    " `.venv/bin/pip install --no-deps -r requirements-speech-tests.txt`."
)

_KINDS = {"still": "ours", "x264": "ours-too"}


def write_report(root: Path) -> str:
    """Write the tables into benchmarks/README.md and draw docs/speed.svg; return the tables."""
    folder = root / "benchmarks"
    results = Results.model_validate_json((folder / "results.json").read_text())
    tables = format_results(results)
    page = folder / "README.md"
    page.write_text(fill_page(page.read_text(), tables))
    bars = [
        Bar(way.title, way.seconds, _KINDS.get(name, "rival")) for name, way in _list(results.ways)
    ]
    (root / "docs" / "speed.svg").write_text(
        draw_chart("Seconds to render a slideshow", results.slideshow, bars)
    )
    return tables


def fill_page(page: str, tables: str) -> str:
    """Return a page with the tables between its two markers.

    Raises:
        ValueError: if a marker is missing.
    """
    before, _, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"The page needs the lines {BEGIN} and {END}, in this order.")
    return f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}"


def format_results(results: Results) -> str:
    """Return all tables in Markdown."""
    machine = ", ".join(f"{name} {value}" for name, value in results.machine.items())
    return "\n\n".join(
        [
            f"Machine: {machine}.",
            f"Slideshow: {results.slideshow}.",
            _format_targets(results.targets),
            _format_ways(results.ways),
            "The still engine with many photos, with a song, and with words:",
            _format_more(results.lengths, results.music, results.words),
            "Photos that move (Ken Burns), and a change of one of them:",
            _format_more(results.moves, results.changes),
            "Where the still engine's time goes, in processor seconds on one core:",
            _format_parts(results.parts),
            *_format_clips(results.clips),
        ]
    )


def format_groups(found: Mapping[str, Group | dict[str, float] | None]) -> str:
    """Return the tables of some groups in Markdown; only that of speech may be None."""
    tables = []
    for name, group in found.items():
        if group is None:
            tables.append(NO_SPEECH)
        elif isinstance(group, dict):
            tables.append(_format_parts(group))
        else:
            tables += _format_group(group, is_clip=name in Clips.model_fields)
    return "\n\n".join(tables)


def _format_group(group: Group, *, is_clip: bool) -> list[str]:
    if is_clip:
        return [_format_clip_targets(group.targets), _format_films(group)]
    return [_format_targets(group.targets), _format_more(group)]


def _format_clips(clips: Clips) -> list[str]:
    return [
        "Clips and analyses:",
        _format_clip_targets(clips.targets),
        _format_films(*clips.groups),
        *([] if clips.speech else [NO_SPEECH]),
    ]


def _format_targets(targets: Sequence[Target]) -> str:
    rows = [(*_describe(target), f"{target.figure:.4g}", _answer(target)) for target in targets]
    return _format_table(("still engine", "target", "figure", "reached"), rows)


def _format_clip_targets(targets: Sequence[Target]) -> str:
    rows = [
        (
            *_describe(target),
            f"{target.figure:.4g}",
            f"{target.processor:.4g}" if target.processor else "",
            _answer(target),
        )
        for target in targets
    ]
    return _format_table(("clip", "target", "figure", "in processor time", "reached"), rows)


def _describe(target: Target) -> tuple[str, str]:
    return target.what, f"{'at least' if target.is_least else 'at most'} {target.limit:.4g}"


def _answer(target: Target) -> str:
    return "yes" if target.reached else "**no**"


def _format_ways(ways: Ways) -> str:
    head = ("way", "seconds", "its runs", "processor seconds", "MB of memory")
    rows = [
        (
            way.title,
            f"{way.seconds:.2f}",
            f"{min(way.runs):.2f} to {max(way.runs):.2f} of {len(way.runs)}",
            f"{way.processor_seconds:.2f}",
            f"{way.peak_mb:.0f}",
            f"{way.size_mb:.2f}",
            f"{way.quality.vmaf:.2f}" if way.quality else "",
            f"{way.quality.psnr_y:.2f}" if way.quality else "",
            f"{way.seconds / ways.still.seconds:.1f}",
        )
        for _, way in _list(ways)
    ]
    return _format_table((*head, "MB", "VMAF", "PSNR-Y", "times the still engine's time"), rows)


def _format_more(*groups: Group) -> str:
    rows = [
        (
            row.title,
            f"{row.seconds:.2f}",
            f"{1000 * row.seconds / row.photos:.1f}",
            f"{row.processor_seconds:.2f}",
            f"{row.peak_mb:.0f}",
            f"{row.size_mb:.2f}",
        )
        for group in groups
        for _, row in _list(group)
    ]
    return _format_table(
        ("what", "seconds", "ms a photo", "processor seconds", "MB of memory", "MB"), rows
    )


def _format_films(*groups: Group) -> str:
    rows = [
        (
            row.title,
            f"{row.seconds:.2f}",
            f"{min(row.runs):.2f} to {max(row.runs):.2f} of {len(row.runs)}",
            f"{row.processor_seconds:.2f}",
            f"{row.pace:.1f}",
            f"{row.peak_mb:.0f}",
            f"{row.size_mb:.2f}" if row.size_mb else "",
        )
        for group in groups
        for _, row in _list(group)
    ]
    head = ("what", "seconds", "its runs", "processor seconds", "times real time")
    return _format_table((*head, "MB of memory", "MB"), rows)


def _format_parts(parts: dict[str, float]) -> str:
    total = sum(parts.values())
    rows = [(part, f"{took:.3f}", f"{took / total:.0%}") for part, took in parts.items()]
    return _format_table(("part", "seconds", "share"), [*rows, ("all", f"{total:.3f}", "100%")])


def _format_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _list(group: Group) -> list[tuple[str, Measurement]]:
    return list(group)


if __name__ == "__main__":
    write_report(ROOT)
