"""Commands that write a list out as its page shows it: resident teams, incidents."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tuopin.platform.access import local_admin
from tuopin.platform.auditing import readlog
from tuopin.platform.cli import json_option, output, writable
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from datetime import datetime

    from tuopin.platform.lists import Listing

_AREA = click.option("--area", required=True, help="区划代码。 Code of an area.")
_FILE = click.option(
    "--file", "target", type=click.Path(dir_okay=False, path_type=Path), callback=writable,
    help="写入这个新的 CSV 文件，不写则显示。 Write into this new CSV file; shown without.",
)  # fmt: skip


@click.command("teams")
@_AREA
@click.option(
    "--month", type=click.DateTime(formats=["%Y-%m"]), help="月份；不写则上个月。 The month; the last one without."
)
@_FILE
@json_option
def teams_command(area: str, month: datetime | None, target: Path | None, as_json: bool) -> None:
    """驻村工作队：每名队员的在村天数、是否达到规定天数。 Teams: days present of each member, against the rule."""
    from .teams.lists import TEAM_MEMBERS

    _write(TEAM_MEMBERS, area, {"month": [f"{month:%Y-%m}"]} if month is not None else {}, target, as_json=as_json)


@click.command("incidents")
@_AREA
@click.option("--open", "still_open", is_flag=True, help="只列未办结的。 Those that are open alone.")
@_FILE
@json_option
def incidents_command(area: str, still_open: bool, target: Path | None, as_json: bool) -> None:
    """返贫、受灾事件：哪天、哪户、是否按时报告、结果。 Incidents: when, where, reported in time, how they ended."""
    from .incidents.lists import INCIDENTS

    _write(INCIDENTS, area, {"open": ["1"]} if still_open else {}, target, as_json=as_json)


def _write(listing: Listing, area: str, given: dict[str, list[str]], target: Path | None, *, as_json: bool) -> None:
    """The list of an area, whole, into a file or onto the screen; that it was read is noted."""
    from tuopin.platform.lists import export_pages, exporting

    if target is not None and target.exists():
        raise Problem("file_exists", f"文件已存在：{target}。请换一个名字。", f"There is already a file {target}.")
    reader = exporting.rebuilt(listing, local_admin(), area, given)
    opened = exporting.open_export(listing, reader, given)
    sheet = exporting.sheet_of(opened, "zh-hans", convert="csv")
    said = f"{listing.noun.zh} {listing.noun.en}"
    if target is not None:
        pieces = list(exporting.csv_pieces(sheet))
        content, count = b"".join(piece for piece, _rows in pieces), sum(rows for _piece, rows in pieces)
        with os.fdopen(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(content)
        export_pages.note(opened, "csv", count, hashlib.sha256(content).hexdigest())
        output({"area": area, "count": count}, as_json, f"{count:,} {said}")
        return
    rows = [row for piece in sheet.pieces() for row in piece]
    readlog.read(local_admin(), listing.key, {"area": area, **dict(opened.state.filters)}, len(rows))
    keys = [each.key for each in sheet.columns]
    document = {"area": area, "count": len(rows), "rows": [dict(zip(keys, row, strict=True)) for row in rows]}
    lines = [" ".join(sheet.headers), *(" ".join(str(cell or "—") for cell in row) for row in rows)]
    output(document, as_json, "\n".join([*lines, f"{len(rows):,} {said}"]))


commands: list[click.Command] = [teams_command, incidents_command]
