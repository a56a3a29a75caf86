"""Commands of matters: what is open, and who holds what is late."""

from __future__ import annotations

import click
from django.utils import timezone

from tuopin.platform.access import local_admin
from tuopin.platform.auditing import readlog
from tuopin.platform.cli import json_option, output


@click.command("matters")
@click.option("--area", required=True, help="区划代码。 Code of an area.")
@json_option
def matters_command(area: str, as_json: bool) -> None:
    """指令与问题：各状态件数，逾期由谁承办。 Directives and problems: by state, and who holds what is late."""
    from tuopin.register.selectors import area as area_of

    from . import counts, due

    actor, now = local_admin(), timezone.now()
    place = area_of(actor, area)
    columns = counts.board(actor, place, "", now)
    units, whole = counts.units(actor, place, now)
    readlog.read(actor, "orders.heat", {"area": place.code}, len(units))
    document = {
        "area": place.code,
        "at": now.isoformat(timespec="minutes"),
        "states": {each.key: {"count": each.count, "late": each.late} for each in columns},
        "open": dict(whole.cells),
        "units": [{"organisation": each.id, "name": each.name, **dict(each.cells)} for each in units],
    }
    lines = [f"{each.title.zh} {each.title.en}: {each.count:,}（逾期 late {each.late:,}）" for each in columns]
    lines.append(" ".join(["单位 unit", *(title.zh for title in due.HEAT.values())]))
    lines += [" ".join([each.name, *(f"{count:,}" for count in each.counts)]) for each in units]
    output(document, as_json, "\n".join(lines))
