"""Taking a recording of changes of areas back, exactly, while nothing rests on it: rows that began are gone, rows that
changed say what they said. The recording stays on record, with who took it back and why."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import orjson
from django.db import IntegrityError, connection
from django.db.models import Q
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform import database
from tuopin.platform.access import require, visible_paths
from tuopin.platform.auditing import audit
from tuopin.platform.catalogue import rooms_modules
from tuopin.platform.problems import Missing, Problem

from ... import cards
from ...counting import count_later
from ...importing.changes import unpacked
from ...models import Area, AreaEvent, AreaEventUndone, AreaVersion, DataIssue, Import, Residence
from ...permissions import CHANGE_AREAS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tuopin.platform.access import Actor

    from ...models import AreaMap

    type Change = tuple[str, list[str], list[list[Any]]]

UNDO = "register.undo_area_event"
_LOOSE = frozenset({DataIssue._meta.db_table})
"""Tables whose rows go their own way meanwhile: an issue that was closed since stands in nobody's way."""


def fingerprint(changes: Iterable[Change]) -> str:
    """SHA-256 over what the changed rows say now. Whoever changes one of them rests on the recording."""
    digest = hashlib.sha256()
    for table, columns, rows in changes:
        if table in _LOOSE:
            continue
        condition = _blocks(rows) if not columns else ""
        listed = "" if columns else "*"
        digest.update(f"{table}:{columns}".encode())
        if columns:
            listed = ", ".join(["id", *columns])
            condition = f"id IN ({', '.join(str(int(row[0])) for row in rows) or 'NULL'})"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {listed} FROM {table} WHERE {condition} ORDER BY id")  # noqa: S608 - tables of models, numbers
            while chunk := cursor.fetchmany(5_000):
                digest.update(orjson.dumps([[str(value) for value in row] for row in chunk]))
    return digest.hexdigest()


def digest_of(lines: Iterable[AreaMap], changes: Iterable[Change]) -> str:
    """SHA-256 over the map and what all rows that changed say now: so that an undoing knows whether something rests on
    the recording."""
    rows = [
        (each.number, each.kind, each.day.isoformat(), each.area_id, each.code, each.successor_id, each.new_code)
        for each in lines
    ]
    digest = hashlib.sha256(orjson.dumps(rows))
    digest.update(fingerprint(changes).encode())
    return digest.hexdigest()


def _blocks(rows: Sequence[Sequence[int]]) -> str:
    return " OR ".join(f"id BETWEEN {int(first)} AND {int(last)}" for first, last in rows) or "1 = 0"


# -- may it be? ---------------------------------------------------------------------------------------------------


def event_of(actor: Actor, number: int) -> AreaEvent:
    """A recording that the actor may take back. Raises Missing: outside the grants and not existing look alike."""
    require(actor, CHANGE_AREAS)
    found = AreaEvent.objects.filter(pk=number).first() if 0 < number < 2**63 else None
    ranges = visible_paths(actor, CHANGE_AREAS)
    if found is None or not (ranges is None or any(low <= found.path < high for low, high in ranges)):
        raise Missing("no_such_area_event", "没有这次区划变更。", "There is no such change of areas.")
    return found


def obstacles(event: AreaEvent) -> list[Title]:
    """Why a recording cannot be taken back now; none = it can."""
    if AreaEventUndone.objects.filter(event=event).exists():
        return [Title("已经撤销过了", "it was taken back already")]
    reasons = list(_later(event))
    for _room, module in rooms_modules("intake"):
        uses = getattr(module, "uses_of_import", None)
        reasons += uses(_Since(event)) if uses is not None else ()
    if not reasons:
        changes = _changes(event)
        if digest_of(event.lines.order_by("number"), changes) != event.digest or _used(changes):
            reasons.append(Title("之后有关的户、区划或授权有过变动", "households, areas or grants of it changed since"))
    return reasons


class _Since:
    """A recording as rooms are asked about an import: when it was made, and where."""

    def __init__(self, event: AreaEvent) -> None:
        self.pk, self.path, self.finished_at, self.as_of = event.pk, event.path, event.at, event.first_day


def _overlapping(event: AreaEvent) -> Q:
    above = [event.path[:end] for end in range(0, len(event.path), 8)]
    return Q(path__startswith=event.path) | Q(path__in=above)


def _later(event: AreaEvent) -> Iterator[Title]:
    later = AreaEvent.objects.filter(_overlapping(event), pk__gt=event.pk, undone=None).order_by("pk").first()
    if later is not None:
        day = timezone.localtime(later.at).strftime("%Y-%m-%d %H:%M")
        yield Title(
            f"之后还登记过区划变更（{day}），请先撤销那一次", f"there is a later change ({day}); undo that first"
        )
    taken = Import.objects.filter(_overlapping(event), started_at__gt=event.at, undone_at=None).order_by("pk").first()
    if taken is not None:
        day = timezone.localtime(taken.started_at).strftime("%Y-%m-%d %H:%M")
        yield Title(f"之后导入过数据（{day}）", f"data was imported since ({day})")


def _used(changes: Sequence[Change]) -> bool:
    """Whether anything else came to lie in an area that began with it."""
    new = [(first, last) for table, columns, rows in changes if table == Area._meta.db_table and not columns
           for first, last in rows]  # fmt: skip
    for first, last in new:
        inserted = {
            model: [tuple(row) for table, columns, rows in changes if table == model._meta.db_table and not columns
                    for row in rows]
            for model in (Residence, AreaVersion)
        }  # fmt: skip
        for model, own in inserted.items():
            asked = Q(area_id__gte=first, area_id__lte=last)
            if model is AreaVersion:
                asked |= Q(parent_id__gte=first, parent_id__lte=last)
            for low, high in own:
                asked &= ~Q(pk__range=(low, high))
            moved = [row[0] for table, columns, rows in changes
                     if table == model._meta.db_table and columns for row in rows]  # fmt: skip
            found = set(model.objects.filter(asked).values_list("pk", flat=True)[: len(moved) + 1])
            if found - set(moved):
                return True
    return False


# -- taking it back -----------------------------------------------------------------------------------------------


def undo(actor: Actor, number: int, *, reason: str = "") -> AreaEvent:
    """Take a recording back. Raises Problem ``cannot_undo`` with the reasons, Missing outside the grants."""
    event = event_of(actor, number)
    try:
        with database.write():
            database.hold_data()
            reasons = obstacles(event)
            if reasons:
                raise _refusal(reasons)
            changes = _changes(event)
            with cards.following([each for each in changes if each[0] != AreaVersion._meta.db_table]):
                _take_back(changes)
            cards.rehome(())
            event.changes.all().delete()
            done = AreaEventUndone.objects.create(
                event=event, at=timezone.now(), actor=actor.name or actor.os_user, user_id=actor.user_id,
                reason=" ".join(reason.split())[:500],
            )  # fmt: skip
            database.bump_data_version()
            before = Import.objects.filter(version_after=event.version_before, undone_at=None)
            before.update(version_after=database.data_version())  # the import before is the last change again
            count_later(actor)
            audit.record(actor, UNDO, f"area_event:{event.pk}", {"undone": done.pk}, event.digest)
    except IntegrityError as error:  # somebody refers to a row whom no room spoke for
        raise _refusal(
            [Title("已有其他资料引用了新设的区划", "other records refer to an area that it began")]
        ) from error
    return event


def _refusal(reasons: Sequence[Title]) -> Problem:
    return Problem(
        "cannot_undo",
        f"这次区划变更不能撤销：{'；'.join(reason.zh for reason in reasons)}。可以再登记一次变更来更正。",
        f"This change of areas cannot be taken back: {'; '.join(reason.en for reason in reasons)}. Record another "
        "change to put it right.",
    )


def _changes(event: AreaEvent) -> list[Change]:
    return [(row.table, row.columns, unpacked(row.content)) for row in event.changes.order_by("pk")]


def _take_back(changes: Sequence[Change]) -> None:
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table, columns, rows in reversed(changes):
            if not columns:
                cursor.execute(f"DELETE FROM {quote(table)} WHERE {_blocks(rows)}")  # noqa: S608 - tables of models, numbers
                continue
            if "code" in columns:  # two may have swapped theirs: nobody holds any while they are given back
                ids = ", ".join(str(int(row[0])) for row in rows)
                cursor.execute(f"UPDATE {quote(table)} SET code = '~' || id WHERE id IN ({ids or 'NULL'})")  # noqa: S608 - as above
            set_to = ", ".join(f"{quote(column)} = %s" for column in columns)
            statement = f"UPDATE {quote(table)} SET {set_to} WHERE id = %s"  # noqa: S608 - as above
            cursor.executemany(statement, [(*values, each) for each, *values in rows])
