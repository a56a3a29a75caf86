"""Commands of visits: how the duties to visit stand, erasing old places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tuopin.platform.access import local_admin
from tuopin.platform.auditing import readlog
from tuopin.platform.cli import json_option, output

if TYPE_CHECKING:
    from datetime import datetime


@click.command("visit-coverage")
@click.option("--area", required=True, help="区划代码。 Code of an area.")
@click.option("--on", "day", type=click.DateTime(formats=["%Y-%m-%d"]), required=True, help="日期。 The day.")
@json_option
def coverage_command(area: str, day: datetime, as_json: bool) -> None:
    """遍访进度：各项走访责任完成、待走访、逾期多少。 How the duties to visit stand in an area on a day."""
    from tuopin.register.selectors import area as area_of

    from . import coverage, kinds
    from .documents import report_document

    actor, on = local_admin(), day.date()
    coverage.check_day(on)
    place = area_of(actor, area, on)
    report = coverage.report(actor, place, on)
    readlog.read(actor, "duties.visit_coverage", {"on": on.isoformat(), "area": place.code}, len(report.below))
    lines = []
    for duty in kinds.duties().values():
        counts, left = report.total[duty.key], report.left[duty.key]
        due = "" if left is None else f"，还有 {left} 天到期 due in {left} days"
        lines.append(
            f"{duty.title.zh} {duty.title.en}: 完成 done {counts.done:,}/{counts.total:,}，待走访 due {counts.due:,}，"
            f"逾期 overdue {counts.overdue:,}，顺延 excused {counts.excused:,}，未知 unknown {counts.unknown:,}{due}"
        )
    output(report_document(place.code, report), as_json, "\n".join(lines))


@click.command("erase-places")
@json_option
def erase_command(as_json: bool) -> None:
    """删除 12 个月前走访的时间和位置（后台每天也会做）。 Erase times and places of visits older than 12 months."""
    from .places import erase

    count = erase(local_admin())
    output({"erased": count}, as_json, f"删除 erased {count:,}")


commands: list[click.Command] = [coverage_command, erase_command]
