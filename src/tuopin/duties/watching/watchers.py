"""Person watches person (人盯人): which households a named leader watches over, and whether that leader is of the rank
which the household's categories ask for (``watching.toml``).

Whose level is not recorded is neither passed nor failed: it is unknown, and said so.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal

from django.db import connection
from django.db.models import Q

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import may, require
from tuopin.platform.problems import Problem
from tuopin.register.areas import WIDTH, ids
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion, StatusPeriod
from tuopin.register.selectors import on_day, subtree
from tuopin.standards.models import Evaluation, Finding

from ..models import OfficialTie
from ..officials.ranks import ranks
from ..permissions import KEEP_OFFICIALS, VIEW_HELPER

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

    from ..assigning.targets import Target
    from ..officials.ranks import Rank

ROLE = "watcher"


@dataclass(frozen=True, slots=True)
class Category:
    """Households that need a watcher: by status, by what the standards found (``standard``, ``item``), or because an
    official or a relative of one lives there (``tied``). ``levels``, ``cadres``: see :meth:`Rank.passes`."""

    key: str
    title: Title
    who: Title
    levels: tuple[str, ...]
    cadres: tuple[str, ...] = ()
    registration: tuple[str, ...] = ()
    standard: str = ""
    item: str = ""
    tied: bool = False


@cache
def categories() -> Mapping[str, Category]:
    """The categories by key, in the order of the file."""
    text = resources.files(__package__).joinpath("watching.toml").read_text("utf-8")
    found = {}
    for key, each in tomllib.loads(text).items():
        standard, _dot, item = each.get("item", "").partition(".")
        found[key] = Category(
            key, Title(each["zh"], each["en"]), Title(each["who"]["zh"], each["who"]["en"]), tuple(each["levels"]),
            tuple(each.get("cadres", ())), tuple(each.get("registration", ())), standard, item, each.get("tied", False),
        )  # fmt: skip
    return found


def open_to(actor: Actor, path: str | None) -> Mapping[str, Category]:
    """The categories that a reader may see over an area: whose relative lives where is told only to those who keep
    officials there."""
    keeps = may(actor, KEEP_OFFICIALS, area_path=path)
    return {key: each for key, each in categories().items() if keeps or not each.tied}


# -- which households ---------------------------------------------------------------------------------------------


def run_of(category: Category, path: str, day: date) -> Evaluation | None:
    """The newest evaluation on or before the day, over the area or one above it, that says who belongs."""
    over = Q(area=None) | Q(area_id__in=ids(path))
    found = Evaluation.objects.filter(over, standard=category.standard, day__lte=day)
    return found.order_by("-day", "-id").first()


def members(
    category: Category, run: Evaluation | None, day: date
) -> QuerySet[StatusPeriod | Finding | OfficialTie, int]:
    """The ids of the households of a category, as a subquery; ``run`` as of :func:`run_of` where it rests on one."""
    if category.registration:
        rows = StatusPeriod.objects.filter(on_day(day), axis="registration", value__in=category.registration)
        return rows.values_list("household_id", flat=True)
    if category.tied:
        return OfficialTie.objects.filter(on_day(day)).values_list("household_id", flat=True)
    met = Finding.objects.filter(item=category.item, verdict="met")
    return (met.filter(evaluation=run) if run else met.none()).values_list("subject_id", flat=True)


def of_households(found: Collection[Target], day: date) -> Mapping[int, list[Category]]:
    """The categories of each of these households on a day, by id: two statements a category and county at most."""
    by_county: dict[str, list[int]] = {}
    for target in found:
        by_county.setdefault(target.path[: -2 * WIDTH], []).append(target.id)
    result: dict[int, list[Category]] = {target.id: [] for target in found}
    for category in categories().values():
        groups = by_county.items() if category.item else [("", list(result))]
        for path, households in groups:
            run = run_of(category, path, day) if category.item else None
            rows = members(category, run, day)
            column = "subject_id" if category.item else "household_id"
            for key in set(rows.filter(**{f"{column}__in": listed(households)})):
                result[key].append(category)
    return result


# -- of what rank -------------------------------------------------------------------------------------------------


def require_rank(wanted: Mapping[int, int], found: Mapping[int, Target], day: date) -> None:
    """Raise Problem where a watcher is not of the rank that the household asks for, where that is not known, and where
    the household is the watcher's own or that of a relative. ``wanted``: household → official."""
    needs = of_households(list(found.values()), day)
    standing = ranks(set(wanted.values()), day)
    ties = OfficialTie.objects.filter(on_day(day), official_id__in=listed(set(wanted.values())))
    tied = set(ties.values_list("household_id", "official_id"))
    own = [found[home].code for home, official in wanted.items() if (home, official) in tied]
    if own:
        raise Problem(
            "own_household",
            f"不能盯办本人或亲属的户：{'、'.join(own[:5])}。请另选干部。",
            f"Nobody watches the own household or that of a relative: {', '.join(own[:5])}. Choose somebody else.",
            targets=own[:100],
        )
    low: list[str] = []
    unknown: list[str] = []
    asked: list[Category] = []
    for home, official in wanted.items():
        for category in needs[home]:
            passes = standing[official].passes(category.levels, category.cadres)
            if passes is not True:
                (unknown if passes is None else low).append(found[home].code)
                asked.append(category)
    if low:
        raise Problem(
            "watcher_too_low",
            f"所选干部的职级不够：{asked[0].title.zh}须由{asked[0].who.zh}（{'、'.join(low[:5])}）。请另选干部。",
            f"The official is not of the rank that is asked for: {asked[0].who.en} ({', '.join(low[:5])}). Choose"
            " somebody else.",
            targets=low[:100],
        )
    if unknown:
        raise Problem(
            "watcher_level_unknown",
            f"所选干部的职级未知，无法确认：{asked[0].title.zh}须由{asked[0].who.zh}。请先登记其职务和职级。",
            f"The official's level is not on record, and it must be {asked[0].who.en}. Record post and level first.",
            targets=unknown[:100],
        )


# -- who lacks one ------------------------------------------------------------------------------------------------

State = Literal["fit", "low", "unknown", "missing"]


@dataclass(slots=True)
class Watched:
    """Of the households of a category in an area: with a watcher of the rank (``fit``), of too low a rank, of unknown
    rank, and without one."""

    fit: int = 0
    low: int = 0
    unknown: int = 0
    missing: int = 0

    @property
    def needed(self) -> int:
        return self.fit + self.low + self.unknown + self.missing


@dataclass(slots=True)
class Row:
    """An area below the one asked for, by category."""

    area: AreaVersion
    of: dict[str, Watched] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """``categories``: those open to the reader; ``waiting``: of which nothing is known, because no evaluation says who
    belongs."""

    rows: list[Row]
    categories: Mapping[str, Category]
    waiting: frozenset[str]


_SQL = """
SELECT substr(v.path, 1, %s), w.official_id, count(*)
FROM register_residence r
JOIN register_area_version v ON v.area_id = r.area_id AND v.path >= %s AND v.path < %s
  AND v.valid_from <= %s AND (v.valid_to IS NULL OR v.valid_to > %s)
LEFT JOIN duties_assignment w ON w.household_id = r.household_id AND w.role = 'watcher'
  AND w.valid_from <= %s AND (w.valid_to IS NULL OR w.valid_to > %s)
WHERE r.valid_from <= %s AND (r.valid_to IS NULL OR r.valid_to > %s) AND r.household_id IN ({members})
GROUP BY 1, 2"""


def report(actor: Actor, area: AreaVersion, day: date) -> Report:
    """The areas right below an area (a village: itself), by category, on a day. Raises Refused. Two statements a
    category, however many households there are."""
    require(actor, VIEW_HELPER, area_path=area.path)
    length = len(area.path) + (WIDTH if area.level != "village" else 0)
    low, high = subtree(area)
    versions = AreaVersion.objects.filter(on_day(day), path__gte=low, path__lt=high)
    found = {each.path: Row(each) for each in versions.order_by("code") if len(each.path) == length}
    counted: list[tuple[Category, str, int | None, int]] = []
    waiting = set()
    opened = open_to(actor, area.path)
    for category in opened.values():
        run = run_of(category, area.path, day) if category.item else None
        if category.item and run is None:
            waiting.add(category.key)
            continue
        sql, values = members(category, run, day).query.sql_with_params()
        on = str(day)
        with connection.cursor() as cursor:
            cursor.execute(_SQL.format(members=sql), [length, low, high, on, on, on, on, on, on, *values])
            counted += [(category, path, official, int(n)) for path, official, n in cursor.fetchall()]
    standing = ranks({official for _category, _path, official, _n in counted if official is not None}, day)
    for category, path, official, n in counted:
        if path in found:
            sums = found[path].of.setdefault(category.key, Watched())
            state = state_of(category, standing.get(official) if official is not None else None)
            setattr(sums, state, getattr(sums, state) + n)
    for row in found.values():
        row.of = {key: row.of.get(key, Watched()) for key in opened if key not in waiting}
    return Report(list(found.values()), opened, frozenset(waiting))


def state_of(category: Category, rank: Rank | None) -> State:
    """How a household of a category stands whose watcher has this rank (None: nobody watches)."""
    if rank is None:
        return "missing"
    passes = rank.passes(category.levels, category.cadres)
    return "unknown" if passes is None else "fit" if passes else "low"
