"""Finding households, persons and areas by what a clerk has in hand: a name, a code, the last digits of an ID number.

Every way is a range or an equality on an index: beginnings of names and codes, the key of four digits. Nothing is
searched for in the middle of a text. The grants are part of each statement; ID numbers are looked for only where the
reader's grants open them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Q

from tuopin.core.identity import normal_id, normal_name
from tuopin.core.language.catalogue import Title
from tuopin.core.width import half_width
from tuopin.platform.access import may, visible_ids, visible_paths
from tuopin.platform.auditing import readlog
from tuopin.platform.lists.filters import above

from . import id_keys
from .codes import code_title
from .events.areas.mapping import Former, former_beginning_with
from .models import AreaVersion, HouseholdCard, PersonCard, PersonIdentity, PersonKey
from .permissions import VIEW_HOUSEHOLD, VIEW_PERSON
from .record import masked
from .selectors import areas_beginning_with, within

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tuopin.platform.access import Actor

LIMIT = 50
LONGEST = 64
SHORTEST_CODE = 3
CANDIDATES = 5_000
"""Persons with the same four digits whose numbers are compared; in a province there are some thousand."""

_IDENTITY = frozenset({"identity"})
_DIGITS = re.compile(r"[0-9]{3,17}[0-9X]")


@dataclass(frozen=True, slots=True)
class Found:
    """A person or a household that was found. ``number`` is the ID number cut down to its last four."""

    household: str
    name: str
    role: Title
    place: str
    number: str = ""


@dataclass(slots=True)
class Results:
    """``former``: areas that once were called so; ``more``: there are further ones; ``hint`` says why nothing could be
    looked for, or how to narrow it down."""

    found: list[Found] = field(default_factory=list)
    areas: list[tuple[AreaVersion, str]] = field(default_factory=list)
    former: list[Former] = field(default_factory=list)
    more: bool = False
    more_areas: bool = False
    hint: Title | None = None
    kind: str = ""

    @property
    def count(self) -> int:
        return len(self.found) + len(self.areas) + len(self.former)


def search(actor: Actor, text: str) -> Results:
    """Everything within the grants that begins with the text, or ends with it where it is the end of an ID number.

    At most 50 of each. The search is noted without what was looked for.
    """
    term = " ".join(half_width(text).replace("\0", "").split())
    results = Results()
    if not term:
        return results
    if len(term) > LONGEST:
        results.hint = Title(f"最长 {LONGEST} 个字符。", f"At most {LONGEST} characters.")
        return results
    if len(term) < 2:
        results.hint = Title("请至少输入两个字。", "Type at least two characters.")
        return results
    compact = normal_id(term)
    if compact.isascii() and any(letter.isdigit() for letter in compact):
        results.kind = "code"
        _by_code(actor, compact, results)
        if _DIGITS.fullmatch(compact):
            results.kind = "digits"
            _by_number(actor, compact, results)
    else:
        results.kind = "name"
        _by_name(actor, normal_name(term), results)
    _areas(actor, term, results)
    readlog.read(actor, "register.search", {"kind": results.kind}, len(results.found))
    return results


def _by_code(actor: Actor, code: str, results: Results) -> None:
    if len(code) < SHORTEST_CODE or not may(actor, VIEW_HOUSEHOLD):
        return
    rows = HouseholdCard.objects.filter(_seen(actor, VIEW_HOUSEHOLD, "pk"), code__gte=code, code__lt=above(code))
    _households(rows.order_by("code").values_list("pk", "code", "head_name", "path")[: LIMIT + 1], results)


def _by_name(actor: Actor, name: str, results: Results) -> None:
    """Persons first, then heads of whom the register has only the household."""
    if not name:
        return
    named = {"gte": name, "lt": above(name)}
    if may(actor, VIEW_PERSON):
        persons = PersonCard.objects.filter(
            _seen(actor, VIEW_PERSON, "household_id"), **{f"name__{key}": value for key, value in named.items()}
        )
        _persons(persons.order_by("name", "path")[: LIMIT + 1], results)
    if may(actor, VIEW_HOUSEHOLD) and not results.more:
        heads = HouseholdCard.objects.filter(
            _seen(actor, VIEW_HOUSEHOLD, "pk"), **{f"head_name__{key}": value for key, value in named.items()}
        )
        rows = heads.order_by("head_name", "path").values_list("pk", "code", "head_name", "path")[: LIMIT + 1]
        known = {(each.household, each.name) for each in results.found}
        _households([row for row in rows if (row[1], row[2]) not in known], results)


def _by_number(actor: Actor, digits: str, results: Results) -> None:
    """Persons whose ID number is this, or ends so (four characters or more)."""
    tail = id_keys.tail_key(digits)
    if tail is None or not may(actor, VIEW_PERSON):
        return
    paths = visible_paths(actor, VIEW_PERSON, _IDENTITY)
    single = visible_ids(actor, VIEW_PERSON, "household", _IDENTITY)
    if paths == [] and not single:
        results.hint = Title("您的权限不含证件号码，不能按证件号查找。", "Your grants do not open ID numbers.")
        return
    if not id_keys.is_current():
        results.hint = Title(
            "证件号索引需要重建，请管理员运行 tuopin reindex。",
            "The index of ID numbers must be made anew: an administrator runs tuopin reindex.",
        )
        return
    keyed = PersonKey.objects.filter(tail=tail).values("person_id")
    inside = within(paths) | Q(household_id__in=sorted(single)) if single else within(paths)
    cards = PersonCard.objects.filter(inside, person_id__in=keyed).order_by("pk")[:CANDIDATES]
    by_person = {card.person_id: card for card in cards}
    numbers = _numbers(by_person)
    ending = [key for key in by_person if numbers.get(key, "").endswith(digits)]
    _persons([by_person[key] for key in ending[: LIMIT + 1]], results, numbers)


def _numbers(person_ids: Collection[int]) -> dict[int, str]:
    """Current ID numbers, normalised."""
    rows = PersonIdentity.objects.filter(person_id__in=list(person_ids), superseded_at=None).order_by("as_of")
    return {key: normal_id(number) for key, number in rows.values_list("person_id", "id_number")}


def _seen(actor: Actor, permission: str, household: str) -> Q:
    condition = within(visible_paths(actor, permission))
    single = visible_ids(actor, permission, "household")
    return condition | Q(**{f"{household}__in": sorted(single)}) if single else condition


# -- what is shown ------------------------------------------------------------------------------------------------


def _persons(cards: Iterable[PersonCard], results: Results, numbers: dict[int, str] | None = None) -> None:
    rows = list(cards)
    results.more |= len(rows) > LIMIT
    rows = rows[:LIMIT]
    codes = dict(HouseholdCard.objects.filter(pk__in={row.household_id for row in rows}).values_list("pk", "code"))
    places = _places(row.path for row in rows)
    for row in rows:
        role = code_title("relation", row.relation) if row.relation else Title("成员", "member")
        number = masked((numbers or {}).get(row.person_id, ""))
        results.found.append(
            Found(codes.get(row.household_id, ""), row.name, role, places.get(row.path, ""), number if numbers else "")
        )


def _households(found: Iterable[tuple[int, str, str, str]], results: Results) -> None:
    rows = list(found)
    room = LIMIT - len(results.found)
    results.more |= len(rows) > room
    places = _places(path for _key, _code, _name, path in rows[:room])
    results.found += [
        Found(code, name, Title("户主", "head"), places.get(path, "")) for _, code, name, path in rows[:room]
    ]


def _places(paths: Iterable[str]) -> dict[str, str]:
    """Township and village by path."""
    wanted = set(paths)
    ids = {int(part) for path in wanted for part in (path[-16:-8], path[-8:]) if part}
    names = dict(AreaVersion.objects.filter(area_id__in=ids, valid_to=None).values_list("area_id", "name"))
    return {path: " ".join(names.get(int(part), "") for part in (path[-16:-8], path[-8:]) if part) for path in wanted}


def _areas(actor: Actor, term: str, results: Results) -> None:
    rows = list(areas_beginning_with(actor, term).order_by("path")[: LIMIT + 1])
    above_ids = {row.parent_id for row in rows if row.parent_id}
    names = dict(AreaVersion.objects.filter(area_id__in=above_ids, valid_to=None).values_list("area_id", "name"))
    results.former = former_beginning_with(actor, term)
    results.more_areas = len(rows) > LIMIT
    results.areas = [(row, names.get(row.parent_id or 0, "")) for row in rows[:LIMIT]]
