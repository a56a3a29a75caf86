"""Writing the whole city: the map, then each county's four workbooks in a folder of its own."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from tuopin.register.demo import areas, helpers, households, ledgers, lists, names, villages, workbooks
from tuopin.register.demo.changes import LATER, Changes
from tuopin.register.demo.faults import Faults
from tuopin.register.demo.streams import DAY, stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from tuopin.register.demo.areas import County
    from tuopin.register.demo.helpers import Help
    from tuopin.register.demo.households import Household
    from tuopin.register.demo.lists import ListAnswers
    from tuopin.register.demo.villages import VillageFacts


@dataclass(frozen=True, slots=True)
class CitySummary:
    """What was written. ``files`` stand in the order in which they can be imported one by one.

    ``statuses``: 脱贫属性 as written -> number of households. ``faults``: name of the planted fault -> codes of the
    households, in order; villages below the marks are ``village_short`` (industry or works) and ``village_above_2``
    (register incidence) with the codes of the villages. ``changes``: what the second export changed, likewise.
    ``lists``: departments' lists, which are matched and not imported, with what a match must find.
    """

    folder: Path
    day: date
    files: tuple[Path, ...]
    counties: int
    townships: int
    villages: int
    poor_villages: int
    households: int
    persons: int
    statuses: Mapping[str, int]
    faults: Mapping[str, tuple[str, ...]]
    changes: Mapping[str, tuple[str, ...]]
    lists: tuple[ListAnswers, ...] = ()


@dataclass(frozen=True, slots=True)
class CountyBook:
    """Everything that a county's workbooks say."""

    county: County
    households: list[Household]
    helps: list[Help]
    villages: list[VillageFacts]


class Sizes(TypedDict):
    """How much of everything; keyword arguments of :func:`write_city`."""

    counties: int
    townships: int
    villages: int
    households: int


def sizes(households: int) -> Sizes:
    """Sizes of a city of so many households, in the proportions of the full one."""
    share = households / 20_000
    return Sizes(
        counties=4, townships=max(4, round(60 * share)), villages=max(4, round(600 * share)), households=households
    )


def write_city(
    folder: Path,
    *,
    seed: int = 1,
    counties: int = 4,
    townships: int = 60,
    villages: int = 600,
    households: int = 20_000,
    later: bool = False,
    with_ledgers: bool = False,
) -> CitySummary:
    """Write the city's workbooks into ``folder`` (made if missing; files of the same names are replaced).

    ``folder/divisions.csv`` holds the map; ``folder/<county>/`` 村信息, 户人信息, 脱贫核查 and 帮扶责任人 (.xlsx), with
    ledgers also 九大工程台账, 饮水安全核查, 六改工程台账 and 县级指标. The same arguments give the same cells.
    With ``later`` it is the second export of the same city, of 2019-03-01: some faults are corrected (``faults`` lists
    all that were planted), people were born and died, statuses and helpers changed. Raises ValueError where the sizes
    make no city, OSError where writing fails.
    """
    layout = areas.lay_out(seed, counties=counties, townships=townships, villages=villages, households=households)
    folder.mkdir(parents=True, exist_ok=True)
    divisions = folder / workbooks.DIVISIONS
    workbooks.write_divisions(divisions, layout)
    files, tally, faults, changes = [divisions], Counter[str](), Faults(), Changes()
    day = LATER if later else DAY
    statuses, short, above = Counter[str](), list[str](), list[str]()
    listed: list[ListAnswers] = []
    for county in layout:
        book = populate(seed, county, faults)
        if later:
            rng = stream(seed, county.code, "later")
            book.helps[:] = changes.pass_time(rng, book.households, book.helps, faults)
        files += _write_county(folder / county.name, seed, book, day)
        if with_ledgers and book.households:
            files += ledgers.write_ledgers(folder / county.name, seed, book, day)
        if not later and not listed and book.households:
            path = folder / county.name / "部门名单" / lists.INSURED
            listed.append(lists.write_insurance(path, seed, county, book.households))
        statuses.update(household.status for household in book.households)
        tally["persons"] += sum(len(household.members) for household in book.households)
        tally["poor_villages"] += sum(item.village.is_poor for item in book.villages)
        short += [item.village.code for item in book.villages if not item.reaches]
        above += _above_two_per_cent(book)
    planted = {name: tuple(codes) for name, codes in faults.found.items()}
    return CitySummary(
        folder=folder,
        day=day,
        files=tuple(files),
        counties=counties,
        townships=townships,
        villages=villages,
        poor_villages=tally["poor_villages"],
        households=households,
        persons=tally["persons"],
        statuses=dict(statuses),
        faults=planted | {"village_short": tuple(short), "village_above_2": tuple(above)},
        changes={kind: tuple(codes) for kind, codes in changes.found.items()},
        lists=tuple(listed),
    )


def populate(seed: int, county: County, faults: Faults) -> CountyBook:
    """Fill a county of the map with households, helpers and villages' facts, and plant faults (noted in ``faults``)."""
    used_numbers: set[str] = set()
    book = CountyBook(county, [], [], [])
    for village in county.villages():
        rng = stream(seed, village.code)
        first = len(book.households)
        here = [
            households.make(rng, village, f"{county.area_code}{first + i:08d}", used_numbers)
            for i in range(village.household_count)
        ]
        book.households.extend(here)
        book.villages.append(villages.describe(rng, village, here))
        helped: dict[str, list[Help]] = {household.code: [] for household in here}
        for row in helpers.assign(rng, village, here):
            helped[row.household.code].append(row)
        for household in here:
            book.helps.extend(faults.plant(rng, household, helped[household.code]))
    return book


def _write_county(folder: Path, seed: int, book: CountyBook, day: date) -> list[Path]:
    """The county's workbooks in the order of import; one without households has only its villages."""
    folder.mkdir(exist_ok=True)
    county = book.county
    paths = [folder / name for name in (workbooks.VILLAGES, workbooks.PEOPLE, workbooks.CHECKS, workbooks.HELPERS)]
    workbooks.write_villages(paths[0], county.name, book.villages, day)
    if not book.households:
        return paths[:1]
    workbooks.write_people(paths[1], county.name, book.households, day)
    workbooks.write_checks(paths[2], county.name, _check_rows(seed, book), DAY.year, day)
    workbooks.write_helpers(paths[3], county.name, book.helps, day)
    return paths


def _check_rows(seed: int, book: CountyBook) -> Iterator[tuple[str, ...]]:
    """One row a household, save those whose check was forgotten; one checker a village."""
    rng = stream(seed, book.county.code, "checks")
    checker = ""
    village = ""
    for household in book.households:
        if household.village.code != village:
            village, checker = household.village.code, names.person_name(rng, rng.choice("男女"))
        day = f"2018-11-{rng.randrange(5, 29):02d}"
        if household.food or household.clothing:
            yield household.code, household.head.name, household.food, household.clothing, day, checker


def _above_two_per_cent(book: CountyBook) -> list[str]:
    unexited = Counter[str]()
    for household in book.households:
        if household.is_unexited:
            unexited[household.village.code] += len(household.members)
    return [item.village.code for item in book.villages if unexited[item.village.code] * 50 > item.population]
