"""The pages about packs and standards: what is tested, against which limit, and where that is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tuopin.core.standards.wording import CONFIDENCE
from tuopin.platform.panels import decimal_text, unit_title
from tuopin.platform.problems import Missing, Problem
from tuopin.standards.lifecycle import words
from tuopin.standards.lifecycle.states import drafts_today, items_of, states_of
from tuopin.standards.packs import folders, get_pack, get_prepared
from tuopin.standards.show import outcomes_of

if TYPE_CHECKING:
    from datetime import date

    from tuopin.core.language.catalogue import Title
    from tuopin.core.standards import DatedParameter, DatedValue, Pack


@dataclass(frozen=True, slots=True)
class LimitView:
    """A parameter with the value in force on the day; ``value`` None = not set."""

    parameter: DatedParameter
    value: DatedValue | None
    text: str
    unit: Title | None
    confidence: Title | None


def pack_pages() -> list[Pack]:
    """All packs, the national one first."""
    return sorted((get_pack(key) for key in folders()), key=lambda pack: (pack.base is not None, pack.key))


def pack_stages() -> dict[str, Title]:
    """Where each pack stands in its life cycle; one whose rules do not load is left out."""
    sound = []
    for key in folders():
        try:
            items_of(key)
        except Problem:
            continue
        sound.append(key)
    return {key: words.STAGES[found.state.stage] for key, found in states_of(sound).items()}


def newest_day(pack: str, standard: str, today: date) -> date:
    """Today, or the last day before it on which the standard's limits have values: a line of 2020 has none today."""
    found = get_pack(pack)
    ends = {value.valid_to for parameter in found.parameters.values() for value in parameter.values}
    last_days = sorted((end - timedelta(days=1) for end in ends if end and end <= today), reverse=True)
    for day in (today, *last_days):
        try:
            get_prepared(pack, standard, day)
        except Missing:
            raise
        except Problem:
            continue
        return day
    return today


def standard_page(pack: str, standard: str, day: date) -> dict[str, Any]:
    """A standard on a day. Raises Missing for an unknown one, Problem where a limit has no value that day."""
    prepared = get_prepared(pack, standard, day)
    limits = {name: _limit(prepared.pack.parameters[name], prepared.values.get(name)) for name in prepared.values}
    rows = [
        (item.item, [limits[name] for name in item.parameters if name in limits], CONFIDENCE[item.item.confidence])
        for item in prepared.items
    ]
    outcomes = [each for each in outcomes_of(pack) if each.case.standard == standard]
    return {
        "prepared": prepared,
        "draft": drafts_today(prepared),
        "pack": prepared.pack,
        "standard": prepared.standard,
        "rows": rows,
        "day": day,
        "cases": len(outcomes),
        "failed": sum(not each.passed for each in outcomes),
    }


def _limit(parameter: DatedParameter, value: DatedValue | None) -> LimitView:
    text = "" if value is None else decimal_text(value.value, parameter.scale)
    confidence = None if value is None else CONFIDENCE[value.confidence]
    return LimitView(parameter, value, text, unit_title(parameter.unit), confidence)
