"""The items of a household's standard as a visitor is asked about them, and which are a field of the register."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from tuopin.core.standards.model import PackError
from tuopin.platform.access import SENSITIVE
from tuopin.platform.problems import Problem
from tuopin.register.correcting.fields import all_fields
from tuopin.standards.packs import DEFAULT, get_pack, get_prepared, last_day
from tuopin.standards.places import Place, bound_pack

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from tuopin.core.language.catalogue import Title
    from tuopin.core.standards.programs import Prepared, PreparedItem
    from tuopin.register.models import AreaVersion

STANDARD = "household_exit"
_DIRECT = re.compile(r"\s*(not\s+)?([a-z][a-z0-9_]*)\s*")


@dataclass(frozen=True, slots=True)
class Asked:
    """An item. ``field`` is the yes-or-no field of the register that it is the value of (``turned``: the opposite of),
    so that who sees the item sees the value; '' where it follows from several. ``classes`` are needed to be asked."""

    key: str
    title: Title
    short: Title
    classes: frozenset[str]
    field: str = ""
    turned: bool = False

    def opened(self, classes: Collection[str] | None) -> bool:
        """Whether a reader with these classes (None = all) is asked, and told."""
        return classes is None or self.classes <= set(classes)

    def value(self, result: str) -> bool:
        """What the register's field is, from what was seen of the item."""
        return (result == "met") != self.turned


def asked_at(village: AreaVersion, day: date) -> dict[str, Asked]:
    """The items of the standard that holds in a village on a day, by key, in their order."""
    prepared = _prepared(bound_pack(Place(village.area_id, village.path), day), day)
    if prepared is None:
        return {}
    classes = _classes(prepared)
    return {each.key: _asked(each, classes) for each in prepared.items}


@lru_cache(maxsize=64)
def _newest_day(_digest: str, pack: str) -> date:
    return last_day(get_pack(pack), STANDARD)


def _prepared(pack: str, day: date) -> Prepared | None:
    """The standard of a pack for a day, else of the national pack. What a visitor looks at stays the same after the
    last year for which a limit is published: then the newest day that can be judged stands for it."""
    for key in dict.fromkeys((pack, DEFAULT)):
        for newest in (False, True):
            try:
                return get_prepared(key, STANDARD, _newest_day(get_pack(key).digest, key) if newest else day)
            except (Problem, PackError, KeyError):
                continue
    return None


def _classes(prepared: Prepared) -> dict[tuple[str, str], str]:
    return {(table.level, fact.name): fact.field_class for table in prepared.catalogue.tables for fact in table.facts}


def _asked(item: PreparedItem, classes: dict[tuple[str, str], str]) -> Asked:
    facts = set(item.test.facts) | (set(item.applies.facts) if item.applies is not None else set())
    needed = frozenset(classes.get(each, "general") for each in facts)
    found = _DIRECT.fullmatch(item.item.written)
    known = all_fields().get(found[2]) if found else None
    direct = known is not None and known.level == "household" and known.field.type == "boolean"
    return Asked(
        item.key,
        item.item.title,
        item.item.short,
        (needed | ({known.field_class} if known is not None and direct else set())) & SENSITIVE,
        known.name if known is not None and direct else "",
        bool(direct and found and found[1]),
    )
