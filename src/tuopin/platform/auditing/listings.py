"""The lists of the two logs: who read whom, what was done."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform import scopes
from tuopin.platform.access import require, visible_paths
from tuopin.platform.auditing import words as log_words
from tuopin.platform.given import whole_number
from tuopin.platform.lists import ChoiceFilter, Column, DateFilter, Listing, Reader, TextFilter
from tuopin.platform.lists.unplaced import reader_of
from tuopin.platform.models import AuditEntry, Grant, ReadEntry, User
from tuopin.platform.problems import Missing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor
    from tuopin.platform.lists import Row

VIEW_AUDIT = "platform.view_audit"
VIEW_READS = "platform.view_read_log"


def _days(field: str) -> Any:
    """Narrowing a moment by days of the local calendar, both included."""

    def narrow(rows: QuerySet[Any], _reader: Reader, value: Any) -> QuerySet[Any]:
        zone = timezone.get_current_timezone()
        if value.low is not None:
            rows = rows.filter(**{f"{field}__gte": datetime.datetime.combine(value.low, datetime.time(), zone)})
        if value.high is not None and value.high < datetime.date.max:
            after = value.high + datetime.timedelta(days=1)
            rows = rows.filter(**{f"{field}__lt": datetime.datetime.combine(after, datetime.time(), zone)})
        return rows

    return narrow


def _by_reader(rows: QuerySet[Any], _reader: Reader, value: str) -> QuerySet[Any]:
    return rows.filter(user_id=whole_number(value, -1))


def inside(ranges: list[tuple[str, str]]) -> QuerySet[User]:
    """Accounts whose grants, of today or once, all lie in ranges of areas."""
    condition = Q(pk__in=[])
    for kind, ids in scopes.kinds_within(ranges).items():
        condition |= Q(scope_kind=kind, scope_id__in=ids)
    held = Grant.objects.filter(user_id=OuterRef("pk"))
    return User.objects.filter(Exists(held.filter(condition)), ~Exists(held.exclude(condition)))


def _household(actor: Actor, permission: str, code: str) -> int | None:
    """The id of a household in the actor's area; outside and not existing look alike."""
    try:
        found = scopes.find("household", code)
    except Missing:
        return None
    ranges = visible_paths(actor, permission)
    path = scopes.paths("household", [found]).get(found, "")
    return found if ranges is None or any(low <= path < high for low, high in ranges) else None


def _reads(reader: Reader) -> QuerySet[ReadEntry]:
    """All readings; over an area: those by accounts of that area, and all of a household there that is asked for."""
    ranges = visible_paths(reader.actor, VIEW_READS)
    found = ReadEntry.objects.all()
    if ranges is None:
        return found
    household = _household(reader.actor, VIEW_READS, reader.given.get("household", ""))
    if household is not None:
        return found.filter(what=f"household:{household}")
    return found.filter(user_id__in=inside(ranges).values("pk"))


def _by_household(rows: QuerySet[Any], reader: Reader, value: str) -> QuerySet[Any]:
    household = _household(reader.actor, VIEW_READS, value)
    return rows.none() if household is None else rows.filter(what=f"household:{household}")


_KINDS = {
    "opened": Title("打开一户", "opened a household"),
    "export": Title("导出", "export"),
    "list": Title("名单", "list"),
    "log": Title("日志", "a log"),
}


def _by_kind(rows: QuerySet[Any], _reader: Reader, value: tuple[str, ...]) -> QuerySet[Any]:
    opened = Q(what__gte="household:", what__lt="household;")  # all that begins with it, by the index
    export = ~Q(digest="")
    log = Q(what__in=["platform.reads", "platform.audit"])
    conditions = {"opened": opened, "export": export, "log": log, "list": ~opened & ~export & ~log}
    wanted = Q(pk__in=[])
    for each in value:
        wanted |= conditions[each]
    return rows.filter(wanted)


def _shown(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    """What was read: the code of a household or the name of an area behind its number, the title of a list."""
    ids: dict[str, set[int]] = {}
    for row in rows:
        kind, _colon, key = row["what"].partition(":")
        if key.isdigit() and kind not in log_words.NUMBERED:
            ids.setdefault("household" if kind == "household" else "area", set()).add(int(key))
    names = {kind: scopes.names(kind, numbers) for kind, numbers in ids.items()}
    return {row["pk"]: log_words.subject(row["what"], names) for row in rows}


READS = Listing(
    key="platform.reads",
    title=Title("查阅记录", "Who read whom"),
    noun=Title("条查阅记录", "readings"),
    rows=_reads,
    may_open=lambda reader: require(reader.actor, VIEW_READS),
    address=lambda _reader: reverse("platform:reads"),
    reader=reader_of,
    export=VIEW_READS,
    order=("at", "pk"),
    order_title=Title("时间", "time"),
    descending=True,
    first="at",
    empty=Title("还没有查阅记录。查阅在几秒之内记入。", "Nothing yet. A reading is taken in within seconds."),
    columns=(
        Column("at", Title("时间", "Time"), "date", field="at"),
        Column("reader", Title("查阅人", "Reader"), field="actor_name", pick=log_words.actor, needs=("user_id",),
               href=lambda row: f"?reader={row['user_id']}" if row["user_id"] else ""),
        Column("what", Title("看了什么", "What"), load=_shown, needs=("what",)),
        Column("count", Title("条数", "Rows"), "amount", field="count"),
        Column("filter", Title("条件", "Conditions"), field="filter", pick=log_words.detail, blank=Title("—", "—")),
        Column("digest", Title("文件指纹", "Digest of the file"), "code", field="digest", blank=Title("—", "—"),
               optional=True),
        Column("os_user", Title("系统用户", "User of the system"), field="os_user", blank=Title("—", "—"),
               optional=True),
    ),
    filters=(
        TextFilter("household", Title("户编号", "Household code"), narrow=_by_household),
        TextFilter("reader", Title("查阅人账号编号", "Number of the reader’s account"), narrow=_by_reader, more=True),
        DateFilter("at", Title("日期", "Day"), narrow=_days("at")),
        ChoiceFilter("kind", Title("种类", "Kind"), narrow=_by_kind, choices=tuple(_KINDS.items())),
    ),
)  # fmt: skip


def _acts(reader: Reader) -> QuerySet[AuditEntry]:
    """All entries; over an area: those by accounts of that area."""
    ranges = visible_paths(reader.actor, VIEW_AUDIT)
    found = AuditEntry.objects.all()
    return found if ranges is None else found.filter(user_id__in=inside(ranges).values("pk"))


def _by_subject(rows: QuerySet[Any], _reader: Reader, value: str) -> QuerySet[Any]:
    return rows.filter(subject=value)


def _by_action(rows: QuerySet[Any], _reader: Reader, value: str) -> QuerySet[Any]:
    return rows.filter(action=value)


AUDIT = Listing(
    key="platform.audit",
    title=Title("审计日志", "Audit log"),
    noun=Title("条记录", "entries"),
    rows=_acts,
    may_open=lambda reader: require(reader.actor, VIEW_AUDIT),
    address=lambda _reader: reverse("platform:audit"),
    reader=reader_of,
    export=VIEW_AUDIT,
    order=("pk",),
    order_title=Title("时间", "time"),
    descending=True,
    first="id",
    columns=(
        Column("id", Title("编号", "Number"), "code", field="id"),
        Column("at", Title("时间", "Time"), "date", field="at"),
        Column("actor", Title("谁", "Who"), field="actor_name", pick=log_words.actor, needs=("user_id",),
               href=lambda row: f"?actor={row['user_id']}" if row["user_id"] else ""),
        Column("action", Title("做了什么", "Act"), field="action", pick=log_words.action,
               href=lambda row: f"?action={row['action']}"),
        Column("subject", Title("对象", "Subject"), "code", field="subject",
               href=lambda row: f"?subject={row['subject']}" if row["subject"].replace(":", "").isalnum() else ""),
        Column("detail", Title("内容", "Detail"), field="detail", pick=log_words.detail, blank=Title("—", "—")),
        Column("digest", Title("指纹", "Digest"), "code", field="digest", blank=Title("—", "—"), optional=True),
        Column("os_user", Title("系统用户", "User of the system"), field="os_user", blank=Title("—", "—"),
               optional=True),
    ),
    filters=(
        TextFilter("subject", Title("对象（如 user:12）", "Subject (as user:12)"), narrow=_by_subject),
        TextFilter("action", Title("操作（如 platform.grant）", "Act (as platform.grant)"), narrow=_by_action,
                   length=100, more=True),
        TextFilter("actor", Title("账号编号", "Number of the account"), narrow=_by_reader, more=True),
        DateFilter("at", Title("日期", "Day"), narrow=_days("at")),
    ),
)  # fmt: skip

LISTINGS = (READS, AUDIT)
