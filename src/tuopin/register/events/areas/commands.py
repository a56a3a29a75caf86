"""``tuopin areas``: record a table of changed areas, list the map, find an old code, take a recording back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tuopin.platform.access import local_admin
from tuopin.platform.cli import json_option, output, say

if TYPE_CHECKING:
    from datetime import datetime

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group("areas")
def areas() -> None:
    """区划变更：登记、查询、撤销。 Changes of areas: record, look up, take back."""


@areas.command("record")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="FILE")
@click.option("--document", required=True, help="批准文件。 The document that they follow from.")
@click.option("--reason", default="", help="说明。 A note.")
@click.option("--move-grants", is_flag=True, help="合并的，授权转到合并后的区划。 Grants go over to the successor.")
@click.option("--dry-run", is_flag=True, help="只预览，不登记。 Preview; record nothing.")
@json_option
def record_command(file: Path, document: str, reason: str, move_grants: bool, dry_run: bool, as_json: bool) -> None:
    """登记一张区划变更表（变更类型、生效日期、原代码、新代码…）。 Record a table of changed areas."""
    from .given import Given
    from .services import record
    from .workbook import read_lines

    given = Given(tuple(read_lines(file, file.name)), document, reason, move_grants, "cli")
    done = record(local_admin(), given, dry_run=dry_run)
    number = done.event.pk if done.event is not None and not dry_run else None
    found: dict[str, Any] = {
        "event": number, "lines": len(done.lines), "areas": done.areas, "households": done.households,
        "ended": done.ended, "began": done.begun, "grants_moved": done.grants_moved, "grants_left": done.grants_left,
    }  # fmt: skip
    if dry_run:
        say("预览：未登记任何变更。", "Preview: nothing was recorded.")
    text = (
        f"{'预览 preview' if dry_run else f'登记 recorded {number}'}: {len(done.lines):,} 项变更 changes, "
        f"{done.areas:,} 个区划 areas, {done.households:,} 户 households, 撤销建制 ended {done.ended:,}, "
        f"新设 began {done.begun:,}, 授权 grants {done.grants_moved:,}/{done.grants_left:,}"
    )
    output(found, as_json, text)


@areas.command("map")
@click.option("--since", type=_DAY, help="自此日。 From this day on.")
@click.option("--until", type=_DAY, help="至此日。 Up to this day.")
@json_option
def map_command(since: datetime | None, until: datetime | None, as_json: bool) -> None:
    """列出新旧区划对照。 List the map from old areas to new."""
    from ...models import AreaMap
    from ...models.area_events import KIND_TITLES, STANDING
    from .selectors import line_out

    found = AreaMap.objects.filter(STANDING).order_by("day", "pk")
    if since is not None:
        found = found.filter(day__gte=since.date())
    if until is not None:
        found = found.filter(day__lte=until.date())
    rows = [line_out(row) for row in found]
    text = "\n".join(
        f"{row['day']}  {KIND_TITLES[row['kind']].zh} {row['kind']:<9}  {row['old_code']} {row['old_name']} → "
        f"{row['new_code'] or '—'} {row['new_name'] or ''}"
        for row in rows
    )
    output({"changes": rows}, as_json, text or "没有登记过区划变更。 No change of areas was recorded.")


@areas.command("find")
@click.argument("code")
@click.option("--on", "day", type=_DAY, help="哪一天（默认今天）。 On which day; default: today.")
@json_option
def find_command(code: str, day: datetime | None, as_json: bool) -> None:
    """一个（旧）代码在某日是哪个区划。 What an old code means on a day."""
    from django.utils import timezone

    from tuopin.platform.problems import Missing

    from .mapping import on_map

    on = day.date() if day is not None else timezone.localdate()
    found = on_map(local_admin(), code, on)
    if not found:
        raise Missing("no_such_area", f"没有找到区划 {code}。", f"There is no area {code}.", area=code)
    rows = [{"code": each.code, "name": each.name, "level": each.level} for each in found]
    output({"code": code, "on": on.isoformat(), "areas": rows}, as_json,
           "\n".join(f"{row['code']}  {row['name']}  {row['level']}" for row in rows))  # fmt: skip


@areas.command("undo")
@click.argument("number", type=click.IntRange(1, 2**62))
@click.option("--reason", required=True, help="原因。 Why.")
@json_option
def undo_command(number: int, reason: str, as_json: bool) -> None:
    """撤销一次登记（之后没有资料以它为基础时）。 Take a recording back while nothing rests on it."""
    from .undo import undo

    event = undo(local_admin(), number, reason=reason)
    output({"undone": event.pk}, as_json, f"已撤销 taken back: {event.pk}")
