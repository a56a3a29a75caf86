"""Work of the cycle that outlives a request."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform.jobs import job
from tuopin.register.importing.jobs import run_import
from tuopin.register.selectors import area as area_of

from . import chain, services

if TYPE_CHECKING:
    from tuopin.platform.jobs import Run


@job(services.JOB, title=Title("由核查结果立案", "Matters opened for findings"))
def open_matters(run: Run, area: str) -> dict[str, Any]:
    """Open, reopen and propose for what was chosen for an area. Begun again it goes on where it stopped."""
    place = area_of(run.actor, area)
    report = services.run(run.actor, place, timezone.now(), lambda done, every: run.progress(done, every))
    said = report.document()
    return {
        **said,
        "href": f"{reverse('cycle:openings')}?{urlencode({'area': area})}",
        "title_zh": f"立案 {report.opened} 件，重新交办 {report.reopened} 件，建议核实 {report.proposed} 件",
        "title_en": f"{report.opened} opened, {report.reopened} reopened, {report.proposed} proposed to be closed",
    }


@job(chain.LOOK, title=Title("导入、核查、立案：试算", "Import, evaluation, matters: a look"))
def look_at_chain(run: Run, area: str, day: str, number: int | None = None) -> dict[str, Any]:
    """What importing a set, evaluating an area and opening its matters would do. Writes nothing."""
    place = area_of(run.actor, area)
    found = chain.look(run.actor, place, _day(day), number)
    return {
        "look": found,
        "href": _page(area, day, number),
        "title_zh": "看试算结果，再开始",
        "title_en": "See what it would do, then begin",
    }


@job(chain.JOB, title=Title("导入、核查、立案", "Import, evaluation, matters"))
def run_chain(run: Run, area: str, day: str, number: int | None = None) -> dict[str, Any]:
    """Import a set, if one is named, evaluate the area, open its matters. Begun again it goes on where it stopped."""
    place = area_of(run.actor, area)
    if number is not None:
        run.progress(0, 3, "导入 importing")
        run_import(run, number)
    done = 1

    def tell(what: str) -> None:
        nonlocal done
        run.progress(done, 3, what)
        done += 1

    evaluations, report = chain.run(run.actor, place, _day(day), timezone.now(), tell)
    run.progress(3, 3)
    return {
        **report.document(),
        "evaluations": evaluations,
        "href": f"{reverse('cycle:follow_up')}?{urlencode({'area': area})}",
        "title_zh": f"核查 {evaluations} 项标准，立案 {report.opened} 件，重新交办 {report.reopened} 件，"
        f"建议核实 {report.proposed} 件",
        "title_en": f"{evaluations} standards evaluated, {report.opened} opened, {report.reopened} reopened,"
        f" {report.proposed} proposed to be closed",
    }


def _day(text: str) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None


def _page(area: str, day: str, number: int | None) -> str:
    given = {"area": area, "day": day, "set": "" if number is None else number}
    return f"{reverse('cycle:chain')}?{urlencode({key: value for key, value in given.items() if value != ''})}"
