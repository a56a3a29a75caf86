"""What the pages of imports show, made ready for the templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from tuopin.core.language.catalogue import Title
from tuopin.platform.catalogue import workbook_kinds
from tuopin.platform.models import Job
from tuopin.platform.words import pick

from ..issue_codes import issue_codes
from ..models import ImportSet
from . import prepared as sets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuopin.platform.access import Actor
    from tuopin.platform.models import Upload

MOST_HEADERS = 80
"""Headers of a sheet that can be named on the page."""

FATES = {
    "created": Title("新增", "created"),
    "updated": Title("更新", "updated"),
    "unchanged": Title("未变", "unchanged"),
    "rejected": Title("未收", "rejected"),
    "waiting": Title("待关联", "waiting"),
}
SKIPS = {
    "blank": Title("空行", "blank"),
    "repeated_header": Title("重复表头", "repeated header"),
    "total": Title("合计行", "total"),
    "footer": Title("落款行", "signatures"),
}
LEFT_OUT = {
    "same_file_twice": Title("与另一个文件内容相同", "the same as another file"),
    "unknown_kind": Title("没有找到已知表格的表头", "no header of a known kind"),
    "wrong_type": Title("不是表格文件", "no workbook"),
    "empty_file": Title("文件是空的", "the file is empty"),
}


def limits() -> dict[str, Any]:
    """What may be handed in."""
    return {"megabytes": settings.UPLOAD_MAX_BYTES >> 20, "most_files": settings.UPLOAD_MAX_FILES}


def of_set(actor: Actor, made: ImportSet) -> dict[str, Any]:
    """The page of a set."""
    uploads = sets.files_of(actor, made)
    working = sets.working(made)
    inspected = not working and sets.fresh(actor, made, ImportSet.Step.INSPECT)
    previewed = inspected and sets.fresh(actor, made, ImportSet.Step.PREVIEW)
    found = {file["upload"]: file for file in (made.inspection or {}).get("files", [])} if inspected else {}
    files = [_file(made, upload, found.get(upload.pk)) for upload in uploads]
    failed = made.job is not None and made.job.state == Job.State.FAILED
    return {
        **limits(),
        "set": made,
        "job": made.job,
        "working": working,
        "failure": _words(made.job.error) if failed and made.job is not None else "",
        "files": files,
        "inspected": inspected,
        "stale": made.preview is not None and not previewed and not working,
        "ready": inspected and any(not file["out"] for file in files),
        "kinds": list(workbook_kinds().values()),
        "days": sorted({sheet["title_date"] for file in files for sheet in file["sheets"] if sheet["title_date"]}),
        "preview": preview(made.preview) if previewed and made.preview else None,
    }


def _words(error: Mapping[str, Any] | None) -> str:
    if not error:
        return ""
    return pick(str(error.get("zh", "")), str(error.get("en", "")))


def _file(made: ImportSet, upload: Upload, found: Mapping[str, Any] | None) -> dict[str, Any]:
    problem = (found or {}).get("problem")
    return {
        "upload": upload,
        "found": found is not None,
        "out": sets.is_left_out(made, upload),
        "kind": sets.kind_of(made, upload),
        "problem": pick(problem["zh"], problem["en"]) if problem else "",
        "sheets": [_sheet(upload.pk, at, sheet) for at, sheet in enumerate((found or {}).get("sheets", []))],
    }


def _sheet(upload: int, at: int, sheet: Mapping[str, Any]) -> dict[str, Any]:
    kinds = workbook_kinds()
    kind = kinds.get(sheet["kind"] or sheet["closest"])
    columns = []
    if kind is not None:
        titles = {field.name: field.titles[0] for field in kind.fields}
        columns = [(titles.get(name, name), header) for name, header in sheet["columns"].items()]
    fault = sheet["fault"]
    return {
        **sheet,
        "known": bool(sheet["kind"]),
        "title": Title(kind.title_zh, kind.title_en) if kind else None,
        "fields": [(field.name, field.titles[0]) for field in kind.fields] if kind else [],
        "recognised": columns,
        "unknown": [
            (f"h-{upload}-{at}-{place}", header) for place, header in enumerate(sheet["unknown_headers"][:MOST_HEADERS])
        ],
        "left": max(len(sheet["unknown_headers"]) - MOST_HEADERS, 0),
        "skips": [(SKIPS[name], count) for name, count in sheet["skipped"].items() if count],
        "fault_text": pick(fault["zh"], fault["en"]) if fault else "",
    }


def preview(found: Mapping[str, Any]) -> dict[str, Any]:
    """What an import would do."""
    return {
        "as_of": found["as_of"],
        "year": found["year"],
        **of_report(found["report"]),
        "reasons": [
            (reason(code), count) for code, count in sorted(found["reasons"].items(), key=lambda each: -each[1])
        ],
        "rejected": [{**row, "reason": reason(row["reason"])} for row in found["rejected"]],
        "rejected_count": sum(found["reasons"].values()),
    }


def of_report(report: Mapping[str, Any]) -> dict[str, Any]:
    """The report of an import, or of its plan."""
    kinds, known = workbook_kinds(), issue_codes()
    files = [
        {
            **file,
            "title": Title(kinds[file["kind"]].title_zh, kinds[file["kind"]].title_en)
            if file["kind"] in kinds
            else None,
            "why": LEFT_OUT.get(file.get("reason", ""), Title(file.get("reason", ""), file.get("reason", ""))),
            "skips": [(SKIPS[name], count) for name, count in file["skipped"].items() if count and name in SKIPS],
        }
        for file in report["files"]
    ]
    return {
        "files": files,
        "rows": [(key, FATES[key], report["rows"][key]) for key in FATES],
        "households": report["households_imported"],
        "persons": report["persons_imported"],
        "issues": [(known[code], len(subjects)) for code, subjects in report["issues"].items() if code in known],
    }


def reason(code: str) -> Any:
    """The issue code of a rejection: its title, and what to do."""
    return issue_codes()[code]
