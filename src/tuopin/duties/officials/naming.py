"""How officials are named: which name, unit and telephone is whose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError
from django.db.models import ForeignObjectRel

from tuopin.platform import database
from tuopin.platform.models.append_only import AppendOnly
from tuopin.platform.problems import Problem

from ..models import Official, OfficialName
from ..planning import merging as plans
from ..teams import merging as teams
from ..visits import counting as visits

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from django.db.models import Model

type Name = tuple[str, str, str]
"""Name, unit, telephone."""


def named(names: Iterable[Name], **details: Any) -> Mapping[Name, int]:
    """The ids of the officials of these names; who is named so for the first time is a new one, with ``details``.

    Three statements, however many there are. The caller holds the transaction.
    """
    wanted = dict.fromkeys(names)
    rows = OfficialName.objects.filter(name__in={each[0] for each in wanted})
    known = {(row.name, row.unit, row.phone): row.official_id for row in rows}
    new = [each for each in wanted if each not in known]
    if new:
        first = database.reserve_ids(Official, len(new))
        Official.objects.bulk_create(
            Official(pk=first + at, name=name, unit=unit, phone=phone, **details)
            for at, (name, unit, phone) in enumerate(new)
        )
        OfficialName.objects.bulk_create(
            OfficialName(name=name, unit=unit, phone=phone, official_id=first + at)
            for at, (name, unit, phone) in enumerate(new)
        )
        known |= {each: first + at for at, each in enumerate(new)}
    return {each: known[each] for each in wanted}


def references() -> Iterator[tuple[type[Model], str]]:
    """Every table and column that names an official, of whatever part: also those that officials do not know of
    (``related_name="+"``), which ``related_objects`` leaves out."""
    for relation in Official._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel):
            yield relation.related_model, relation.field.name


def current(ids: Collection[int]) -> Mapping[int, int]:
    """Which entry speaks for each of these today: the one it was merged into, or itself. For numbers that stand in
    what was signed or frozen and never follows."""
    rows = Official.objects.filter(pk__in=list(ids)).exclude(merged_into=None).values_list("pk", "merged_into_id")
    return {each: each for each in ids} | dict(rows)


_BOTH = {
    "duties_term": ("同一职务", "the same post"),
    "duties_assignment": ("同一责任", "the same duty"),
    "duties_absence": ("同一种请假、借调等情况", "the same kind of absence"),
    "duties_official_tie": ("与同一户的关系", "a tie to the same household"),
    "duties_team_proposal": ("同一年度的同一种处理建议", "the same proposal of one year"),
}
"""What two entries that are one person may hold twice, by table."""


def _point(model: type[Model], name: str, lead: int, others: Collection[int]) -> None:
    """Rows that name one of the others name the lead. Raises Problem, which says of what both have the same."""
    try:
        with database.write():
            model._default_manager.filter(**{f"{name}_id__in": others}).update(**{f"{name}_id": lead})
    except IntegrityError as error:
        table = model._meta.db_table
        zh, en = _BOTH.get(table, (f"{table} 中的同一内容", f"the same in {table}"))
        raise Problem(
            "both_hold_it",
            f"这几条记录都有{zh}，合并会重复。请先结束或更正其中一条，再判定为同一人。",
            f"These officials both have {en}. End or correct one of them first, then say that they are one person.",
            table=table,
        ) from error


def merge(lead: int, others: Iterable[int]) -> None:
    """Everything said of the others is said of the lead, in whatever table of whatever part of the room; what can never
    be changed (signed papers) stays as it was signed and is found by ``merged_into`` (:func:`current`). The caller
    holds the transaction, and has recorded why. Raises Problem where both hold the same thing on the same days, have
    sheets of presence that differ, or stand in one draft of bulk assignment."""
    keys = list(others)
    with database.write():
        visited = visits.before_merge(lead, keys)
        plans.follow(lead, keys)
        teams.follow(lead, keys)
        for model, name in references():
            if model is not Official and not issubclass(model, AppendOnly):
                _point(model, name, lead, keys)
        visits.after_merge(visited)
    linked = Official.objects.filter(pk__in=keys).exclude(person=None).values_list("person_id", flat=True).first()
    if linked is not None:
        Official.objects.filter(pk=lead, person=None).update(person_id=linked)
    Official.objects.filter(pk__in=keys).update(merged_into=lead)
    Official.objects.filter(merged_into__in=keys).update(merged_into=lead)
