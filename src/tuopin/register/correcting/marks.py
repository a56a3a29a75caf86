"""What was corrected and is not yet in the national system (待录入国网): kept line by line until an export says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tuopin.platform import database

from ..models import CorrectedValue
from ..models.blocks import Source
from .fields import Correctable, Value, encode, value_of
from .subjects import Key, Subject, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import Correction, FactBlock


@dataclass(frozen=True, slots=True)
class Line:
    """One corrected value with the version it replaces. ``apart``: what stood is of another ledger year, so that
    nothing that was said or corrected of it speaks of this value."""

    subject: Subject
    item: Correctable
    old: Value
    new: Value
    base: FactBlock | None
    apart: bool = False


def record(act: Correction, lines: Sequence[Line], *, undoing: bool) -> dict[Key, set[str]]:
    """Store the lines of a correction; earlier open lines of the same values are settled.

    Returns, by subject, the fields that say again what the national system says: they need no mark, and wait for no
    export. Three statements, whatever the number.
    """
    ids = {line.subject.id for line in lines}
    earlier = {
        (row.level, row.subject, row.field): row
        for row in CorrectedValue.objects.filter(subject__in=listed(ids), state=CorrectedValue.State.OPEN)
    }
    settled: list[int] = []
    unmarked: dict[Key, set[str]] = {}
    rows: list[tuple[Any, ...]] = []
    for line in lines:
        before = earlier.get((line.subject.level, line.subject.id, line.item.name))
        said, day = _said(line, before)
        back = said == encode(line.new) or (undoing and said is None and line.new is None)
        if before is not None:
            settled.append(before.pk)
        if back:
            unmarked.setdefault((line.subject.level, line.subject.id), set()).add(line.item.name)
        state = CorrectedValue.State.UNDONE if back else CorrectedValue.State.OPEN
        rows.append(
            (
                act.pk, line.subject.level, line.subject.id, line.subject.household_id, line.subject.village_id,
                line.item.name, encode(line.old), encode(line.new), state.value, act.at if back else None, said, day,
            )
        )  # fmt: skip
    if settled:
        how = CorrectedValue.State.UNDONE if undoing else CorrectedValue.State.REPLACED
        CorrectedValue.objects.filter(pk__in=listed(settled)).update(state=how, settled_at=act.at)
    columns = [
        "correction_id", "level", "subject", "household_id", "village_id", "field", "old", "new", "state", "settled_at",
        "export_value", "export_as_of",
    ]  # fmt: skip
    database.bulk_insert(CorrectedValue._meta.db_table, columns, rows)
    return unmarked


def _said(line: Line, before: CorrectedValue | None) -> tuple[str | None, str | None]:
    """What the national system said last, and on which day."""
    if before is not None and not line.apart:
        return before.export_value, before.export_as_of.isoformat() if before.export_as_of else None
    if line.base is None or line.base.source != Source.NATIONAL_EXPORT or line.item.name in line.base.overrides:
        return None, None
    if line.item.name in line.base.unreadable:  # the export says something that cannot be read
        return None, line.base.as_of.isoformat()
    return encode(value_of(line.base, line.item.name)), line.base.as_of.isoformat()
