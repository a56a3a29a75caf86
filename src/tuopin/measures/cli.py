"""Commands of measures: gaps, the year's plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tuopin.platform.access import local_admin
from tuopin.platform.cli import json_option, output, progress

if TYPE_CHECKING:
    from datetime import datetime


@click.command("gaps")
@click.option("--on", "day", type=click.DateTime(formats=["%Y-%m-%d"]), required=True, help="核对日。 The day.")
@click.option("--area", help="区划代码；不写则全部。 Code of an area; everywhere without.")
@json_option
def gaps_command(day: datetime, area: str | None, as_json: bool) -> None:
    """应享未享：各项政策应享的与已领的逐户逐人核对。 Entitled against received, by policy."""
    from .models import GapFigures
    from .policies import policies
    from .selectors import STATES
    from .services import work_out

    with progress("核对 comparing") as bar:
        run = work_out(local_admin(), day=day.date(), area=area, progress=lambda _what, rows: bar(rows))
    top = GapFigures.objects.filter(run=run)
    shown = top.filter(area_id=run.area_id) if run.area_id else top
    sums: dict[str, list[int]] = {}
    for counts in shown.values_list("counts", flat=True) if run.area_id else _topmost(run.pk):
        for key, numbers in counts.items():
            sums[key] = [one + more for one, more in zip(sums.get(key, [0] * len(STATES)), numbers, strict=True)]
    document = {"run": run.pk, "policies": {key: dict(zip(STATES, found, strict=True)) for key, found in sums.items()}}
    titles = policies()
    lines = [
        f"{titles[key].title.zh}: "
        + ", ".join(f"{name} {number:,}" for name, number in zip(STATES, found, strict=True))
        for key, found in sums.items()
        if key in titles
    ]
    output(document, as_json, "\n".join(lines))


@click.command("plan-progress")
@click.option("--area", required=True, help="区划代码。 Code of an area.")
@click.option("--year", type=click.IntRange(2000, 2200), help="年度；不写则今年。 The year; this one without.")
@json_option
def progress_command(area: str, year: int | None, as_json: bool) -> None:
    """帮扶计划进展：计划与落实。 The year's plans against what was done."""
    from dataclasses import asdict

    from django.utils import timezone

    from tuopin.register import selectors as register

    from .plans.progress import progress as worked_out

    actor, today = local_admin(), timezone.localdate()
    found = worked_out(actor, register.area(actor, area), year or today.year, today)
    document = {
        "year": found.year, "households": found.households, "with_plan": found.with_plan, "signed": found.signed,
        "refused": found.refused, "total": asdict(found.total),
        "classes": {sort: asdict(sums) for sort, sums in found.by_class.items()},
    }  # fmt: skip
    total = found.total
    output(
        document,
        as_json,
        f"{found.year}: 户 households {found.households:,}, 有计划 with a plan {found.with_plan:,}, "
        f"已签字 signed {found.signed:,}\n措施 measures {total.planned:,}, 已落实 done {total.done:,}, "
        f"已超期 late {total.late:,}",
    )


def _topmost(run_id: int) -> list[dict[str, list[int]]]:
    """The figures of the areas above which there is none."""
    from tuopin.register.models import AreaVersion

    from .models import GapFigures

    tops = AreaVersion.objects.filter(parent=None, valid_to=None).values("area_id")
    return list(GapFigures.objects.filter(run_id=run_id, area_id__in=tops).values_list("counts", flat=True))


commands: list[click.Command] = [gaps_command, progress_command]
