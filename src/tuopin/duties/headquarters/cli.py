"""Commands of headquarters and of opinions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tuopin.platform.access import local_admin
from tuopin.platform.auditing import readlog
from tuopin.platform.cli import json_option, output

if TYPE_CHECKING:
    from datetime import datetime

_AREA = click.option("--area", required=True, help="区划代码。 Code of an area.")
_ON = click.option("--on", "day", type=click.DateTime(formats=["%Y-%m-%d"]), required=True, help="日期。 The day.")


@click.command("headquarters")
@_AREA
@_ON
@json_option
def headquarters_command(area: str, day: datetime, as_json: bool) -> None:
    """指挥部：步骤完成、逾期、没有人负责的。 Headquarters: steps done and late, and where nobody answers."""
    from tuopin.register.selectors import area as area_of

    from . import gaps, selectors
    from .states import sum_of

    actor, on = local_admin(), day.date()
    place = area_of(actor, area)
    found = selectors.headquarters(actor, on, place)
    plans = selectors.newest_plans([each.id for each in found], on)
    lacking = gaps.of_offices(found, plans, on)
    readlog.read(actor, "duties.headquarters", {"on": on.isoformat(), "area": place.code}, len(found))
    rows = []
    for each in found:
        sums = [sum_of(one.steps) for one in plans.get(each.id, [])]
        rows.append(
            {
                "headquarters": each.name,
                "steps": sum(one.total for one in sums),
                "done": sum(one.done for one in sums),
                "late": sum(one.late for one in sums),
            }
        )
    document = {
        "area": place.code,
        "on": on.isoformat(),
        "headquarters": rows,
        "gaps": [{"kind": each.kind, "headquarters": each.name, "detail": each.detail} for each in lacking],
    }
    lines = [f"{row['headquarters']} 完成 done {row['done']}/{row['steps']} 逾期 late {row['late']}" for row in rows]
    lines += [f"{gaps.KINDS[each.kind].zh} {each.name} {each.detail}".strip() for each in lacking]
    output(document, as_json, "\n".join(lines) or "没有指挥部 none")


@click.command("opinions")
@_AREA
@_ON
@json_option
def opinions_command(area: str, day: datetime, as_json: bool) -> None:
    """贯彻落实意见：缺哪些，谁负责。 Implementing opinions: which are missing, and who sees to them."""
    from tuopin.register import selectors as register

    from ..selectors import organisation_names
    from . import opinions, selectors

    actor, on = local_admin(), day.date()
    place = register.area(actor, area)
    rows = list(selectors.opinions(actor, place))
    lacking = opinions.lacking(rows, on)
    offices = organisation_names({each.opinion.organisation_id for each in lacking}, on)
    names = register.area_names({each.opinion.area_id for each in lacking})
    readlog.read(actor, "duties.opinions", {"on": on.isoformat(), "area": place.code}, len(rows))
    missing = [
        {
            "area": names.get(each.opinion.area_id, ""),
            "department": each.opinion.department,
            "headquarters": offices.get(each.opinion.organisation_id, ""),
            "due": each.opinion.due.isoformat() if each.opinion.due else None,
            "late": each.late,
            "holder": each.holder.official.name if each.holder else each.first,
        }
        for each in lacking
    ]
    text = [
        f"{row['area']} {row['department']} {row['headquarters']} {row['due'] or '未知'} {row['holder']}"
        for row in missing
    ]
    output(
        {"missing": missing, "all": len(rows)}, as_json, "\n".join([*text, f"{len(missing)}/{len(rows)} 缺 missing"])
    )


commands: list[click.Command] = [headquarters_command, opinions_command]
