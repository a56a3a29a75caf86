"""One condition asked of a register: in the language of the rules, with the facts, groups and limits of a standard, set
by set. Nothing of it is kept here: who asks keeps what was found.

Of each subject it says yes, no or unknown; unknown is a group of its own. The classes of fields that a condition rests
on are known before it runs (:func:`classes_of`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from tuopin.core.language import Origin, parse
from tuopin.core.language.catalogue import Title
from tuopin.core.standards import prepare
from tuopin.core.standards.kinds import CATEGORIES
from tuopin.core.standards.model import Item
from tuopin.platform.catalogue import catalogue
from tuopin.platform.home import home
from tuopin.platform.problems import Problem

from .packs import folders, get_pack, problems
from .places import AREA_LEVELS, bound_pack, choice
from .places import LEVELS as PLACE_LEVELS

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterator

    from tuopin.core.standards import Prepared, Standard

    from .places import Place

LONGEST = 1_000
"""Characters of a condition."""
KEY = "asked"
LEVELS = frozenset({"household", *AREA_LEVELS})
"""Levels of which a condition is asked; of persons it is asked as “some(person, …)” of their household."""
_TITLE = Title("条件", "condition")


@dataclass(frozen=True, slots=True)
class Name:
    """Something that a condition may speak of: a fact, a group or a limit. ``field_class`` '' = none."""

    name: str
    level: str
    title: Title
    unit: str
    field_class: str


def bases(place: Place, day: datetime.date) -> list[tuple[str, Standard]]:
    """The standards whose facts, groups and limits a condition may use in a place: (pack, standard), those of
    households first, and of these those of the pack that holds there. A pack that does not load is left out."""
    found: list[tuple[str, Standard]] = []
    own = bound_pack(place, day)
    for key in (own, *(each for each in sorted(folders()) if each != own)):
        try:
            pack = get_pack(key)
        except Problem:
            continue
        if key == own or pack.everywhere:
            found += [(key, each) for each in pack.standards.values() if each.level in LEVELS]
    return sorted(found, key=lambda each: PLACE_LEVELS.index(each[1].level))


def condition(pack: str, standard: str, text: str, day: datetime.date) -> Prepared:
    """A condition ready to be asked of the standard's level. Raises Missing for an unknown pack or standard, Problem
    for a text that is no condition (with its place in the text), for a limit that is not set, for facts awaited."""
    if not text.strip() or len(text) > LONGEST or "\0" in text:
        raise Problem(
            "bad_condition", f"请写查询条件，{LONGEST} 字以内。", f"Write a condition of up to {LONGEST} characters."
        )
    found = _condition(get_pack(pack).digest, pack, standard, text.strip(), day)
    [item] = found.items
    if item.is_open:
        names = "、".join((*item.unset, *item.waiting))
        raise Problem(
            "condition_open", f"条件用到的 {names} 还没有值，查出来全是未知。",
            f"The condition rests on {names}, which has no value yet: all would be unknown.",
        )  # fmt: skip
    return found


@lru_cache(maxsize=32)
def _condition(_digest: str, key: str, standard: str, text: str, day: datetime.date) -> Prepared:
    with problems():
        pack = get_pack(key)
        base = pack.standard(standard)
        if base.level not in LEVELS:
            raise Problem("bad_level", "请选户或区划的标准。", "Choose a standard of households or areas.")
        item = Item(
            key=KEY, group="", title=_TITLE, short=_TITLE, test=parse(text, Origin(what="")), applies=None, source="",
            confidence="seed", limit=None, evidence_max_age=None, written=text,
        )  # fmt: skip
        asked = replace(base, key=KEY, kind=CATEGORIES, applies=None, show=(), items=(item,), not_tested=())
        return prepare(replace(pack, standards={**pack.standards, KEY: asked}), KEY, catalogue(), day)


def classes_of(found: Prepared) -> frozenset[str]:
    """The classes of fields, but the general one, that a condition rests on: by the facts and groups it names too."""
    used = {fact for item in found.items for fact in item.test.facts}
    known = {
        **{(table.level, fact.name): fact.field_class for table in found.catalogue.tables for fact in table.facts},
        **{(each.level, each.fact.name): each.fact.field_class for each in found.catalogue.periods},
    }
    return frozenset(known[each] for each in used if each in known) - {"general"}


def names(pack: str, standard: str) -> list[Name]:
    """What a condition on a standard's level may speak of, the level itself first, then the one below, then limits."""
    found, held = get_pack(pack), catalogue()
    base = found.standard(standard)
    below = held.below(base.level)
    levels = [base.level, *([below.name] if below is not None else [])]
    named: list[Name] = []
    for level in levels:
        named += [Name(each.name, level, each.title, each.unit or "", "") for each in base.facts.values()
                  if each.level == level and each.expression is not None]  # fmt: skip
        named += [Name(each.name, level, each.title, each.unit, each.field_class)
                  for each in held.facts(level).values()]  # fmt: skip
        named += [Name(each.name, level, each.title, each.unit, "") for each in held.derived if each.level == level]
    named += [Name(each.name, each.source, each.title, "", "") for each in base.groups.values()]
    named += [Name(each.name, "", each.title, each.unit, "") for each in found.parameters.values()]
    return list({(each.level, each.name): each for each in named}.values())


def run(
    found: Prepared, place: Place, most: int, progress: Callable[[str, int], None] | None = None
) -> Iterator[tuple[int, int, bool]]:
    """The subjects of a place for whom a condition holds, or of whom it is unknown: (id, lowest area, unknown), at most
    ``most``, in the order of ids. An area is its own lowest one."""
    from tuopin.core.engine import Engine  # the set engine and pyarrow only where they work
    from tuopin.core.standards.pipeline import evaluate

    from .loading import RegisterLoader

    level, engine = found.standard.level, Engine(spill=home() / "staging")
    area = "parent_id" if level == "household" else "id"
    try:
        relations = RegisterLoader(found, choice(place, level, found.day), engine, progress).load()
        verdicts = evaluate(found, engine, relations, "verdicts_asked")
        yield from (
            (int(key), int(lowest), code == 1)
            for key, lowest, code in engine.rows(
                f'SELECT id, {area}, "{KEY}" FROM {verdicts.table} WHERE "{KEY}" IN (1, 2)'  # noqa: S608 - our own names
                f" ORDER BY id LIMIT {int(most)}"
            )
        )
    finally:
        engine.close()
