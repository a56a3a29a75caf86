"""The workbooks of the national form (国标工作簿), written in the background for one reader to fetch."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform import downloads
from tuopin.platform.access import may, require
from tuopin.platform.catalogue import workbook_kinds
from tuopin.platform.database import write
from tuopin.platform.jobs import Run, enqueue, job

from .exporting import export_workbook, exports
from .permissions import EXPORT
from .selectors import area

if TYPE_CHECKING:
    from pathlib import Path

    from tuopin.platform.access import Actor
    from tuopin.platform.models import Job

JOB = "register.export_workbook"


def kinds(actor: Actor) -> dict[str, Title]:
    """The kinds of workbook that the actor may have written, by name."""
    if not may(actor, EXPORT):
        return {}
    found = workbook_kinds()
    return {
        kind: Title(found[kind].title_zh, found[kind].title_en)
        for kind, each in exports().items()
        if may(actor, each.permission)
    }


def begin_export(actor: Actor, kind: str, area_code: str, on: date) -> Job:
    """Begin writing one kind of workbook for an area; returns the job. Raises Refused, Missing, Problem."""
    place = area(actor, area_code, on)
    require(actor, EXPORT, area_path=place.path)
    if kind not in kinds(actor):
        raise exports_problem(kind)
    with write():
        return enqueue(actor, JOB, {"kind": kind, "area_code": area_code, "on": on.isoformat()})


def exports_problem(kind: str) -> Exception:
    """What somebody is told who asks for a kind that cannot be written."""
    from tuopin.platform.problems import Problem

    return Problem(
        "no_such_export",
        "没有这种工作簿，或者您无权导出。请从列表中选择。",
        "There is no such workbook, or you may not export it. Choose one from the list.",
        kind=kind[:40],
    )


@job(JOB, title=Title("导出国标工作簿", "Export a workbook of the national form"))
def export_for_area(run: Run, kind: str, area_code: str, on: str) -> dict[str, Any]:
    """Write it as the one who began it may see it now."""
    day = date.fromisoformat(on)
    place = area(run.actor, area_code, day)
    titles = kinds(run.actor)
    if kind not in titles:
        raise exports_problem(kind)

    def fill(path: Path) -> int:
        draft = path.with_suffix(".xlsx")  # the writer goes by the ending
        try:
            count = export_workbook(run.actor, draft, kind=kind, on=day, area_code=area_code)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        return count

    made = downloads.keep(
        run.actor, fill, name=f"{place.name}_{titles[kind].zh}_{on}.xlsx",
        title=Title(f"{place.name} {titles[kind].zh}", f"{place.name} {titles[kind].en}"),
        content_type=downloads.XLSX, permissions=[EXPORT, exports()[kind].permission], what=f"register.export:{kind}",
        filter={"area": area_code, "on": on},
    )  # fmt: skip
    return {
        "href": reverse("platform:download", args=[made.pk]),
        "title_zh": f"下载 {made.name}（{made.count:,} 行）",
        "title_en": f"Fetch {made.name} ({made.count:,} rows)",
        "rows": made.count,
    }
