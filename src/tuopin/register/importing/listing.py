"""The list of imports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import require
from tuopin.platform.lists import Column, DateFilter, Listing

from ..models import DataIssue, Import
from ..permissions import IMPORT
from . import history

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.lists import Reader, Row


def _rows(reader: Reader) -> QuerySet[Import]:
    return history.imports(reader.actor).order_by()


def _may_open(reader: Reader) -> None:
    require(reader.actor, IMPORT)


def _page(row: Row) -> str:
    return reverse("register:import", args=[row["pk"]])


def _moment(moment: Any) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M") if moment else ""


def _count(fate: str) -> Any:
    return lambda report: (report or {}).get("rows", {}).get(fate)


def _files(report: Any) -> str:
    names = list(dict.fromkeys(file["name"] for file in (report or {}).get("files", []) if file["kind"]))
    return "、".join(names[:3]) + (f" … ({len(names)})" if len(names) > 3 else "")


def _issues(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    from django.db.models import Count

    found = DataIssue.objects.filter(sheet__run__in=[row["pk"] for row in rows]).values_list("sheet__run")
    counts = dict(found.annotate(found=Count("pk")))
    return {row["pk"]: counts.get(row["pk"], 0) for row in rows}


IMPORTS = Listing(
    key="register.imports",
    title=Title("导入记录", "Imports"),
    noun=Title("次导入", "imports"),
    rows=_rows,
    may_open=_may_open,
    address=lambda _reader: reverse("register:imports"),
    descending=True,
    order_title=Title("最近导入", "newest"),
    log=False,
    first="number",
    empty=Title("还没有导入过。点“导入新文件”开始。", "Nothing was imported yet. Begin with “Import new files”."),
    columns=(
        Column("number", Title("导入", "Import"), "code", "pk", href=_page),
        Column("at", Title("时间", "Time"), field="started_at", pick=_moment),
        Column("actor", Title("导入人", "By"), field="actor"),
        Column("files", Title("文件", "Files"), field="report", pick=_files),
        Column("as_of", Title("数据日期", "As of"), "date", "as_of", sort=("as_of",)),
        Column("created", Title("新增行", "Created"), "amount", "report", pick=_count("created")),
        Column("updated", Title("更新行", "Updated"), "amount", "report", pick=_count("updated")),
        Column("rejected", Title("未收行", "Rejected"), "amount", "report", pick=_count("rejected")),
        Column("issues", Title("新疑点", "New issues"), "amount", load=_issues),
        Column(
            "undone", Title("撤销", "Undone"), field="undone_at", pick=_moment, blank=Title("—", "—"),
        ),
        Column("digest", Title("校验码", "Digest"), "code", "digest", optional=True),
    ),
    filters=(DateFilter("as_of", Title("数据日期", "As of"), "as_of"),),
)  # fmt: skip
