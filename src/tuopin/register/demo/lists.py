"""An invented department's list: one county's medical insurance, with slips of the hand and the answers to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from rustpy_xlsxwriter import FastExcel

from tuopin.register.demo import names
from tuopin.register.demo.people import FEMALE, MALE, Person, check_digit, id_number
from tuopin.register.demo.streams import stream

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from pathlib import Path

    from tuopin.register.demo.areas import County
    from tuopin.register.demo.households import Household

LIST_DAY = date(2018, 12, 10)
INSURED = "城乡居民医保参保名单.xlsx"
OUTSIDERS = 25
_MARK = "（演示数据，人物均为虚构）"


@dataclass(slots=True)
class ListAnswers:
    """What a match must find, by codes of persons (人编号).

    ``matched``: by number, of these ``old`` by one of 15 digits; ``contradicting`` are matched and uninsured in the
    register. ``slips``: code → what happened to the number; ``blank``: name, birth date and address only; ``mended``:
    the list is right and the register's number is not. ``absent``: not listed at all, though the register says insured.
    ``repeated`` and ``outsiders`` count rows.
    """

    path: Path
    kind: str
    day: date
    area: str
    rows: int = 0
    repeated: int = 0
    outsiders: int = 0
    matched: list[str] = field(default_factory=list)
    old: list[str] = field(default_factory=list)
    contradicting: list[str] = field(default_factory=list)
    slips: dict[str, str] = field(default_factory=dict)
    blank: list[str] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)


def write_insurance(path: Path, seed: int, county: County, households: list[Household]) -> ListAnswers:
    """Write 城乡居民医保参保名单 of a county as its insurance office would, and return the answers."""
    answers = ListAnswers(path, "resident_insurance", LIST_DAY, county.code)
    rng = stream(seed, county.code, "insurance list")
    people = [(household, person) for household in households for person in household.members]
    numbers = {person.id_number for _household, person in people}
    rows = [*_listed(rng, people, answers), *_outsiders(rng, county, numbers, answers)]
    rng.shuffle(rows)
    answers.rows = len(rows)
    _write(path, county.name, rows)
    return answers


def _listed(
    rng: random.Random, people: list[tuple[Household, Person]], answers: ListAnswers
) -> Iterator[dict[str, str]]:
    for at, (household, person) in enumerate(people):
        right = _right_number(person)
        if right is None or (person.resident_insurance == "否" and rng.random() < 0.4):
            continue
        if at % 37 == 5 and person.id_number == right:
            if person.resident_insurance == "是":
                answers.absent.append(person.code)
            continue
        address = f"{names.CITY}{household.village.county}{household.village.township}{household.village.name}"
        row = {"参保人姓名": person.name, "出生日期": "", "家庭住址": f"{address}{household.group}"}
        yield row | {"身份证号": _given(rng, at, person, right, row, answers)}
        if at % 211 == 7 and person.code in answers.matched[-1:]:
            answers.repeated += 1
            yield row | {"身份证号": right}


def _right_number(person: Person) -> str | None:
    """The number on the card, whatever fault was planted in the register; None where it cannot be told."""
    if len(person.id_number) < 17:
        return None
    first = person.id_number[:17]
    return first + check_digit(first)


def _given(rng: random.Random, at: int, person: Person, right: str, row: dict[str, str], answers: ListAnswers) -> str:
    """The number as the list gives it; notes the answer."""
    if person.id_number != right:
        answers.mended.append(person.code)
        return right
    if at % 61 == 11:
        answers.blank.append(person.code)
        row["出生日期"] = f"{person.birth}"
        return ""
    slip = {3: "one_wrong", 17: "transposed", 29: "one_missing"}.get(at % 67, "")
    wrong = _slipped(rng, right, slip) if slip else ""
    if wrong:
        answers.slips[person.code] = slip
        return wrong
    answers.matched.append(person.code)
    if person.resident_insurance == "否":
        answers.contradicting.append(person.code)
    if at % 43 == 1 and right[6:8] == "19":
        answers.old.append(person.code)
        return right[:6] + right[8:17]
    return right.lower() if at % 5 == 0 else right


def _slipped(rng: random.Random, right: str, slip: str) -> str:
    at = rng.randrange(6, 16)
    if slip == "one_wrong":
        return right[:at] + str((int(right[at]) + 1) % 10) + right[at + 1 :]
    if slip == "transposed":
        changed = right[:at] + right[at + 1] + right[at] + right[at + 2 :]
        return changed if changed != right else ""
    return right[:at] + right[at + 1 :]


def _outsiders(rng: random.Random, county: County, numbers: set[str], answers: ListAnswers) -> Iterator[dict[str, str]]:
    """People of the county who are not in the register."""
    for at in range(OUTSIDERS):
        sex = MALE if at % 2 else FEMALE
        stranger = Person("户主", sex, date(1950 + at, 1 + at % 12, 1 + at % 28))
        number = id_number(rng, county.area_code, stranger, numbers)
        yield {
            "身份证号": number,
            "参保人姓名": names.person_name(rng, sex),
            "出生日期": "",
            "家庭住址": f"{county.name}城关镇",
        }
        answers.outsiders += 1


def _write(path: Path, county: str, rows: list[dict[str, str]]) -> None:
    columns = ("序号", "身份证号", "参保人姓名", "出生日期", "家庭住址", "缴费档次")
    cells = ({"序号": str(at), **row, "缴费档次": "一档"} for at, row in enumerate(rows, 1))
    path.parent.mkdir(parents=True, exist_ok=True)
    book = FastExcel(path)
    title = f"{county}2018年度城乡居民基本医疗保险参保名单{_MARK}"
    ordered = ({name: row[name] for name in columns} for row in cells)
    book.sheet("参保名单", ordered, header_row=1, merge_ranges=[(0, 0, 0, len(columns) - 1, title)])
    book.save()
