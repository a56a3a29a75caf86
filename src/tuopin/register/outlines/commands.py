"""``tuopin maps``: check a map of areas, install it."""

from __future__ import annotations

from pathlib import Path

import click

from tuopin.platform.access import local_admin
from tuopin.platform.cli import json_option, output, say
from tuopin.register.place import LEVEL_TITLES

_LISTED = 20
_FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="FILE")


@click.group("maps")
def maps() -> None:
    """各区域轮廓的地图（GeoJSON）。 Maps of areas' outlines (GeoJSON)."""


@maps.command("check")
@_FILE
@json_option
def check_command(file: Path, as_json: bool) -> None:
    """检查地图文件，列出没有轮廓的区划。 Check a map; list areas without an outline."""
    from tuopin.register.outlines.services import MapReport, check

    report: MapReport = check(file)
    output(report.document(), as_json, None if as_json else _text(report.document()))


@maps.command("install")
@_FILE
@json_option
def install_command(file: Path, as_json: bool) -> None:
    """装入地图文件，替换同名的旧文件。 Install a map in place of one of the same name."""
    from tuopin.register.outlines.services import install

    report = install(local_admin(), file)
    say("地图已装入。刷新“图表”页面即可看到。", "The map is installed: look at the page of figures again.")
    output(report.document(), as_json, None if as_json else _text(report.document()))


def _text(report: dict[str, object]) -> str:
    lines = [f"轮廓 outlines {report['outlines']}"]
    for zh, en, key in (("有轮廓", "with an outline", "matched"), ("没有轮廓", "without", "without")):
        counts = report[key]
        if isinstance(counts, dict) and counts:
            listed = " · ".join(
                f"{LEVEL_TITLES[level].zh} {LEVEL_TITLES[level].en} {number:,}" for level, number in counts.items()
            )
            lines.append(f"{zh} {en}: {listed}")
    for zh, en, key in (
        ("缺轮廓的区划", "areas without an outline", "missing"),
        ("不是登记中的区划", "no areas of the register", "strange"),
    ):
        codes = report[key]
        if isinstance(codes, list) and codes:
            more = f" … ({len(codes):,})" if len(codes) > _LISTED else ""
            lines.append(f"{zh} {en}: {', '.join(codes[:_LISTED])}{more}")
    return "\n".join(lines)
