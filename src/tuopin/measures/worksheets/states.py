"""The states of worksheets, derived from what was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tuopin.core.language.catalogue import Title

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .models import IncomeWorksheet, WorksheetAnswer, WorksheetTaken

type State = Literal["drafted", "signed", "held", "taken", "refused", "superseded"]

STATES: Mapping[str, Title] = {
    "drafted": Title("待户主签字", "waits for the signature"),
    "signed": Title("已签字，待入登记", "signed, not in the register yet"),
    "held": Title("已签字，登记有更新数据，未写入", "signed; the register has newer income, not written"),
    "taken": Title("已签字，已入登记", "signed, in the register"),
    "refused": Title("户主不同意", "refused"),
    "superseded": Title("已有新版本", "superseded"),
}


@dataclass(frozen=True, slots=True)
class View:
    """One version as it stands. ``amounts`` by line in fen; ``sums`` by part and ``net``; ``notes`` by line."""

    worksheet: IncomeWorksheet
    state: State
    answer: WorksheetAnswer | None
    taken: WorksheetTaken | None
    amounts: Mapping[str, int]
    notes: Mapping[str, str]
    sums: Mapping[str, int | None]
    per_head: int | None


def state_of(newest: bool, answer: WorksheetAnswer | None, taken: WorksheetTaken | None, newer: bool) -> State:
    """``newer``: the register has income dated after the signature. A version that another follows is superseded,
    whatever was said to it."""
    if not newest:
        return "superseded"
    if answer is None:
        return "drafted"
    if answer.kind != "signed":
        return "refused"
    if taken is not None:
        return "taken"
    return "held" if newer else "signed"
