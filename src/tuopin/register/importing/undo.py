"""Taking back the last import, exactly: as if it had never been, but for its entry in the history and the audit log.

Only while nothing was built on it. What was built is asked of every room: its ``intake.py`` may define
``uses_of_import(record) -> Iterable[Title]``, each a reason to refuse.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import IntegrityError, connection
from django.db.models import ForeignObjectRel, ManyToManyRel, UniqueConstraint
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform import database
from tuopin.platform.auditing import audit
from tuopin.platform.catalogue import rooms_modules
from tuopin.platform.home import make_home
from tuopin.platform.problems import Problem

from .. import cards
from ..counting import count_later
from ..models import Area, Correction, Household, Import, ImportChange, RejectedRow, Sheet
from .changes import GONE, key_of, named, unpacked
from .history import import_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models.options import Options

    from tuopin.platform.access import Actor


UNDO = "register.undo_import"
_MANY = 500
"""From so many deleted rows on, the columns that refer to them get an index for the time of the undoing."""


@dataclass(slots=True)
class Undone:
    """Numbers of rows: taken out again, and set back to what they said."""

    deleted: int = 0
    restored: int = 0


def undo_import(actor: Actor, import_id: int) -> Undone:
    """Take back an import in one transaction. Raises Problem ``cannot_undo`` with the reasons, Missing for an import
    that is not the actor's to see."""
    with database.exclusive("import"):
        record = import_of(actor, import_id)
        sheets = list(Sheet.objects.filter(run=record).values_list("pk", flat=True))
        try:
            with database.write():
                database.hold_data()
                reasons = obstacles(record)
                if reasons:
                    raise refusal(reasons)
                with cards.following(_changes(record)):
                    done = _take_back(record)
                _restack(record)
                count_later(actor)
                record.undone_at, record.undone_by = timezone.now(), actor.name or actor.os_user
                record.save(update_fields=["undone_at", "undone_by"])
                detail: dict[str, object] = {"deleted": done.deleted, "restored": done.restored}
                audit.record(actor, UNDO, f"import:{record.pk}", detail, record.digest)
        except IntegrityError as error:  # somebody refers to a row whom no room spoke for
            raise refusal([_REFERRED]) from error
    for sheet in sheets:
        for path in (make_home() / "rejects").glob(f"{sheet}-*.xlsx"):
            path.unlink(missing_ok=True)
    return done


_REFERRED = Title("已有其他资料引用了这次导入的内容", "other records refer to what it brought")


def refusal(reasons: Sequence[Title]) -> Problem:
    """The message that says why an import stays."""
    return Problem(
        "cannot_undo",
        f"这次导入不能撤销：{'；'.join(reason.zh for reason in reasons)}。"
        "需要改正的内容请更正，或重新导入更正后的工作簿。",
        f"This import cannot be undone: {'; '.join(reason.en for reason in reasons)}. Correct what is wrong, or import "
        "a corrected workbook.",
    )


# -- may it be? ---------------------------------------------------------------------------------------------------


def obstacles(record: Import) -> list[Title]:
    """Why an import cannot be undone now; none = it can."""
    if record.undone_at is not None:
        return [Title("已经撤销过了", "it was undone already")]
    if record.version_after is None:
        return [
            Title("是旧版本软件导入的，没有留下撤销所需的记录", "it was made by an older version, which kept no log")
        ]
    reasons = [*_later(record), *_granted(record)]
    for _room, module in rooms_modules("intake"):
        uses = getattr(module, "uses_of_import", None)
        reasons += uses(record) if uses is not None else ()
    if not reasons and database.data_version() != record.version_after:
        reasons.append(
            Title("之后登记资料有过变动（可能在别的区域）", "the register has been changed since (perhaps elsewhere)")
        )
    return reasons


def _later(record: Import) -> Iterator[Title]:
    later = Import.objects.filter(pk__gt=record.pk, undone_at=None).order_by("pk").first()
    if later is not None:
        day = timezone.localtime(later.started_at).strftime("%Y-%m-%d %H:%M")
        yield Title(f"之后还有一次导入（{day}），请先撤销那一次", f"there is a later import ({day}); undo that first")
    corrections = Correction.objects.filter(at__gt=record.finished_at).count()
    if corrections:
        yield Title(f"之后有 {corrections} 次更正", f"{corrections} correction(s) were made since")


def _granted(record: Import) -> Iterator[Title]:
    """Somebody was put in charge of an area or household that this import made."""
    grants = apps.get_model("platform", "Grant")._default_manager
    over = [(model, grants.filter(scope_kind=scope), "scope_id") for model, scope in _SCOPES]
    if named(record, {"granted": over}):
        yield Title("已有人员获得其中区划或户的授权", "somebody holds a grant over an area or household of it")


_SCOPES = ((Area, "area"), (Household, "household"))


# -- taking it back -----------------------------------------------------------------------------------------------


def _take_back(record: Import) -> Undone:
    """The steps of the import in reverse."""
    done = Undone()
    RejectedRow.objects.filter(sheet__run=record).delete()
    sheets = Sheet.objects.filter(run=record)
    going = Counter({Sheet._meta.db_table: sheets.count()})
    for table, columns, rows in _changes(record):
        if not columns:
            going[table] += sum(last - first + 1 for first, last in rows)
    with _Indexes() as indexes:
        for table, count in going.items():  # first of all: PostgreSQL makes none while checks of a table are pending
            indexes.prepare(table, count)
        for number in record.changes.order_by("-pk").values_list("pk", flat=True):
            entry = ImportChange.objects.get(pk=number)
            rows = unpacked(entry.content)
            if entry.columns[:1] == [GONE]:
                _bring_back(entry.table, entry.columns[1:], rows)
                done.restored += len(rows)
            elif entry.columns:
                _restore(entry.table, entry.columns, rows)
                done.restored += len(rows)
            else:
                done.deleted += sum(_delete(entry.table, block) for block in rows)
        done.deleted += sheets._raw_delete(sheets.db)  # without looking for children: the database does
        if database.is_postgresql():
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # while the indexes are there
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    record.changes.all().delete()
    return done


def _changes(record: Import) -> list[tuple[str, list[str], list[list[Any]]]]:
    return [(row.table, row.columns, unpacked(row.content)) for row in record.changes.order_by("pk")]


def _delete(table: str, block: Sequence[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {connection.ops.quote_name(table)} WHERE {key_of(table)} BETWEEN %s AND %s",
            [block[0], block[1]],
        )
        return int(cursor.rowcount)


def _restore(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    quote = connection.ops.quote_name
    set_to = ", ".join(f"{quote(column)} = %s" for column in columns)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {quote(table)} SET {set_to} WHERE {key_of(table)} = %s",
            [(*values, each) for each, *values in rows],
        )


def _bring_back(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Rows that were deleted, under the ids that they had."""
    quote = connection.ops.quote_name
    names = ", ".join(quote(each) for each in (key_of(table), *columns))
    marks = ", ".join(["%s"] * (len(columns) + 1))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {quote(table)} ({names}) VALUES ({marks})", rows)


def _restack(record: Import) -> None:
    """The import before is the last one again: what was built on it since is undone too."""
    database.bump_data_version()
    before = Import.objects.filter(version_after=record.version_before, undone_at=None).exclude(pk=record.pk)
    before.update(version_after=database.data_version())


class _Indexes:
    """Indexes on columns that refer to deleted rows, for the time of the undoing: without one, the database looks
    through the whole table for every row that goes. Tables and columns come from the models."""

    def __init__(self) -> None:
        self._made: dict[str, str] = {}

    def __enter__(self) -> _Indexes:
        return self

    def __exit__(self, failed: object, *_more: object) -> None:
        if failed is None:  # else the transaction takes them with it
            with connection.cursor() as cursor:
                for name in self._made:
                    cursor.execute(f"DROP INDEX {name}")

    def prepare(self, table: str, count: int) -> None:
        """Before ``count`` rows of ``table`` are deleted."""
        if count < _MANY:
            return
        quote = connection.ops.quote_name
        for child, column in _referring(table):
            name = f"undo_{len(self._made)}"
            if f"{child}.{column}" not in self._made.values():
                self._made[name] = f"{child}.{column}"
                with connection.cursor() as cursor:
                    cursor.execute(f"CREATE INDEX {name} ON {quote(child)} ({quote(column)})")


def _referring(table: str) -> Iterator[tuple[str, str]]:
    """Columns of other tables that refer to this one and begin no index that holds every row; also those of relations
    without a name back (``related_name="+"``), which are most of them and which ``related_objects`` leaves out."""
    model = next(each for each in apps.get_models() if each._meta.db_table == table)
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ForeignObjectRel) or isinstance(relation, ManyToManyRel):
            continue
        field, child = relation.field, relation.related_model._meta
        indexed = getattr(field, "db_index", False) or field.unique
        if child.managed and not indexed and field.name not in _leading(child):
            yield child.db_table, str(field.column)


def _leading(child: Options[Any]) -> set[str]:
    """The first fields of the indexes and keys of a table that hold every row."""
    whole = [each for each in child.indexes if each.condition is None]
    keys = [each for each in child.constraints if isinstance(each, UniqueConstraint) and each.condition is None]
    return {each.fields[0].removeprefix("-") for each in (*whole, *keys) if each.fields}
