"""The versions of blocks of facts: what stands, and the new ones that a correction writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
from django.db import models

from tuopin.core import identity
from tuopin.platform import database
from tuopin.platform.problems import Problem

from ..importing.blocks import block_fields
from .fields import SUBJECT_COLUMN, Value, value_of
from .subjects import listed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date, datetime

    from ..models import Correction, FactBlock

type Stood = Mapping[type[FactBlock], Mapping[int, list[FactBlock]]]


def level_of(model: type[FactBlock]) -> str:
    """The level whose subjects a block describes."""
    names = {item.attname for item in model._meta.concrete_fields}
    return next(level for level, column in SUBJECT_COLUMN.items() if column in names)


def subject_of(row: FactBlock) -> int:
    """The id of the household, person or village that a version is about."""
    return int(getattr(row, SUBJECT_COLUMN[level_of(type(row))]))


def standing(model: type[FactBlock], ids: Collection[int]) -> dict[int, list[FactBlock]]:
    """The versions of a block that are not superseded, by subject, the oldest first. One statement."""
    column = SUBJECT_COLUMN[level_of(model)]
    rows = model._default_manager.filter(**{f"{column}__in": listed(ids)}, superseded_at=None).order_by("as_of")
    found: dict[int, list[FactBlock]] = {}
    for row in rows:
        found.setdefault(getattr(row, column), []).append(row)
    return found


def on_day(rows: Collection[FactBlock], day: date) -> FactBlock | None:
    """Of the standing versions of one subject the one that counts on a day."""
    return max((row for row in rows if row.as_of <= day), key=lambda row: row.as_of, default=None)


def seen_versions(model: type[FactBlock], keys: Collection[int]) -> dict[int, FactBlock]:
    """Versions by their own id, superseded ones too: what somebody looked at stays readable."""
    return {row.pk: row for row in model._default_manager.filter(pk__in=listed(keys))} if keys else {}


def years_back(stood: Stood, act: Correction) -> dict[tuple[type[FactBlock], int], FactBlock]:
    """Where a correction began another ledger year: what counted on its day before it. One statement a block.

    Raises Problem where somebody has written another version of that day since: its values are of the later year.
    """
    found: dict[tuple[type[FactBlock], int], FactBlock] = {}
    for model, rows in stood.items():
        column = SUBJECT_COLUMN[level_of(model)]
        touched = model._default_manager.filter(
            models.Q(recorded_at=act.at) | models.Q(superseded_at=act.at), as_of=act.as_of,
            **{f"{column}__in": listed(rows)},
        )  # fmt: skip
        made = {subject_of(row): row for row in touched if row.recorded_at == act.at}
        replaced = {subject_of(row): row for row in touched if row.superseded_at == act.at}
        for subject, row in made.items():
            earlier = [each for each in rows[subject] if each.as_of < act.as_of]
            before = replaced.get(subject) or max(earlier, key=lambda each: each.as_of, default=None)
            if before is None or before.year == row.year:
                continue
            if row.superseded_at is not None:
                raise Problem(
                    "written_since",
                    "这次更正写的是另一年度的数据，之后又有人改过，不能整体撤销。请先撤销后来的更正。",
                    "This correction began another year, and somebody has written since: take that back first.",
                )
            found[model, subject] = before
    return found


@dataclass(slots=True)
class Fresh:
    """A version to be written: what it starts from (None = nothing), the changed values and their marks.

    ``stands``: what counts now, where the version does not start from it. ``year``: the ledger year that it is of;
    None = that of the version it starts from.
    """

    model: type[FactBlock]
    subject: int
    base: FactBlock | None
    values: dict[str, Value] = field(default_factory=dict)
    unmarked: set[str] = field(default_factory=set)  # fields that now say again what an export said
    stands: FactBlock | None = None
    year: int | None = None


def write(fresh: Collection[Fresh], *, as_of: date, source: str, now: datetime) -> None:
    """Supersede the versions of the same day and insert the new ones: two statements a block, whatever the number."""
    by_model: dict[type[FactBlock], list[Fresh]] = {}
    for item in fresh:
        by_model.setdefault(item.model, []).append(item)
    for model, items in by_model.items():
        held = [item.stands or item.base for item in items]
        replaced = [row.pk for row in held if row is not None and row.as_of == as_of]
        if replaced:
            model._default_manager.filter(pk__in=listed(replaced)).update(superseded_at=now)
        # where an undo goes back to a version of an earlier day, that one counts again: no copy hides what comes later
        written = [item for item in items if item.values or item.base is None or item.base.as_of == as_of]
        if written:
            columns, rows = _rows(model, written, as_of=as_of, source=source, now=now)
            database.bulk_insert(model._meta.db_table, columns, rows)


def _rows(
    model: type[FactBlock], items: Collection[Fresh], *, as_of: date, source: str, now: datetime
) -> tuple[list[str], list[tuple[Any, ...]]]:
    facts = block_fields(model)
    subject = SUBJECT_COLUMN[level_of(model)]
    shared = ["year", "as_of", "source", "sheet_id", "row", "recorded_at", "unreadable", "overrides"]
    mark = {"source": source, "recorded_at": now.isoformat()}
    rows = []
    for item in items:
        base = item.base
        kept = dict(base.overrides) if base else {}
        kept |= dict.fromkeys(item.values, mark)
        unreadable = {name: cell for name, cell in (base.unreadable if base else {}).items() if name not in item.values}
        rows.append(
            (
                item.subject,
                item.year or (base.year if base else as_of.year),
                as_of.isoformat(),
                base.source if base else source,
                base.sheet_id if base else None,
                base.row if base else None,
                now,
                orjson.dumps(unreadable).decode(),
                orjson.dumps({name: value for name, value in kept.items() if name not in item.unmarked}).decode(),
                *(_stored(column, name, item) for name, column in facts.items()),
            )
        )
    return [subject, *shared, *facts], rows


def _stored(column: models.Field[Any, Any], name: str, item: Fresh) -> object:
    if name == "id_sound":
        if "id_number" not in item.values:
            return bool(item.base and getattr(item.base, "id_sound", False))
        number = str(item.values["id_number"] or "")
        return bool(number) and identity.fault(number) is None
    if name == "study_unclear" and "study" in item.values:
        return None  # what could not be read has been replaced
    value = item.values[name] if name in item.values else value_of(item.base, name)
    if value is None:
        return "" if isinstance(column, models.CharField) and not column.null else None
    return value.isoformat() if isinstance(column, models.DateField) else value  # type: ignore[union-attr]
