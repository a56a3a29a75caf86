"""Families: who lives together, with ages, sexes, relations, names and ID numbers that agree with each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tuopin.register.demo import names
from tuopin.register.demo.streams import DAY, Weighted

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

MALE, FEMALE = "男", "女"
_YEAR = 365.25
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(slots=True)
class Person:
    """A person as the export shows him or her; every value is the text of its cell, "" a blank one."""

    relation: str
    sex: str
    birth: date
    name: str = ""
    code: str = ""
    id_number: str = ""
    ethnicity: str = "汉族"
    politics: str = "群众"
    education: str = ""
    study: str = ""
    dropout: str = ""
    health: str = "健康"
    disability_number: str = ""
    labour: str = ""
    work_place: str = ""
    work_months: int = 0
    channel: str = ""
    public_post: str = ""
    public_post_months: int = 0
    resident_insurance: str = "是"
    employee_insurance: str = "否"
    serious_illness_insurance: str = "是"
    pension: str = "否"
    low_income: str = "否"
    special_support: str = "否"
    phone: str = ""

    @property
    def age(self) -> int:
        """Completed years on the day of the export."""
        return completed_years(self.birth, DAY)

    @property
    def works(self) -> bool:
        return self.work_months > 0


def completed_years(birth: date, day: date) -> int:
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def check_digit(first_seventeen: str) -> str:
    """The last character of an ID number (GB 11643: ISO 7064, MOD 11-2)."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first_seventeen, strict=True))
    return "10X98765432"[total % 11]


def id_number(rng: random.Random, area_code: str, person: Person, used: set[str]) -> str:
    """An ID number that agrees with birth and sex and is not in ``used`` (to which it is added)."""
    while True:
        order = rng.randrange(500) * 2 + (person.sex == MALE)
        body = f"{area_code}{person.birth:%Y%m%d}{order:03d}"
        number = body + check_digit(body)
        if number not in used:
            used.add(number)
            return number


def family(rng: random.Random) -> list[Person]:
    """Head first, then spouse, children, grandchildren, parents."""
    return _STRUCTURES.draw(rng)(rng)


def name_family(rng: random.Random, people: list[Person]) -> None:
    """Blood relations in the male line share a surname; those who married in have their own."""
    line = names.surname(rng)
    head = people[0]
    for person in people:
        in_line = person.relation in _IN_LINE or (person is head and (head.sex == MALE or len(people) == 1))
        if head.sex == FEMALE and len(people) > 1:
            in_line = person.relation in _IN_LINE or person.relation == "配偶"
        person.name = (line if in_line else names.surname(rng)) + names.given_name(rng, person.sex)
    if rng.random() < 0.04:
        for person in people:
            person.ethnicity = "回族"


_IN_LINE = frozenset({"之子", "之女", "之孙子", "之孙女", "之父", "之兄弟姐妹"})


def _person(rng: random.Random, relation: str, sex: str, age: float) -> Person:
    days = max(3, round(age * _YEAR) + rng.randrange(-20, 21))
    return Person(relation, sex, DAY - timedelta(days=days))


def _child_sex(rng: random.Random) -> str:
    return MALE if rng.random() < 0.52 else FEMALE


def _couple(rng: random.Random, age: float) -> list[Person]:
    """``age`` is the husband's. One head in eight is the wife."""
    wife_age = max(21.0, age - rng.gauss(2.0, 2.0))
    husband_heads = rng.random() < 0.87
    pair = [(MALE, age), (FEMALE, wife_age)]
    if not husband_heads:
        pair.reverse()
    return [_person(rng, relation, *who) for relation, who in zip(("户主", "配偶"), pair, strict=True)]


def _children(rng: random.Random, mother_age: float, count: int, relations: tuple[str, str]) -> list[Person]:
    """Up to ``count`` children born when the mother was 20 to 40 and still at home (daughters marry out at 24)."""
    found: list[Person] = []
    at_birth = rng.uniform(20.5, 26.0)
    for _ in range(count):
        age, sex = mother_age - at_birth, _child_sex(rng)
        at_birth += rng.uniform(1.6, 5.0)
        if age < 0.1 or at_birth > 45:
            break
        if age > (24 if sex == FEMALE else 32):
            continue
        found.append(_person(rng, relations[sex == FEMALE], sex, age))
    return found


def _years(person: Person) -> float:
    return (DAY - person.birth).days / _YEAR


def _mother(people: list[Person]) -> float:
    return next(_years(person) for person in people if person.sex == FEMALE)


def _alone(rng: random.Random) -> list[Person]:
    sex = MALE if rng.random() < 0.75 else FEMALE
    return [_person(rng, "户主", sex, rng.uniform(58, 87))]


def _old_couple(rng: random.Random) -> list[Person]:
    return _couple(rng, rng.uniform(62, 84))


def _couple_alone(rng: random.Random) -> list[Person]:
    return _couple(rng, rng.uniform(47, 63))


def _nuclear(rng: random.Random) -> list[Person]:
    people = _couple(rng, rng.uniform(27, 51))
    return people + _children(rng, _mother(people), _CHILD_COUNT.draw(rng), ("之子", "之女"))


def _with_parents(rng: random.Random) -> list[Person]:
    """Three generations, the middle one heads; the husband's parents live with them."""
    age = rng.uniform(27, 47)
    head = _person(rng, "户主", MALE, age)
    wife = _person(rng, "配偶", FEMALE, max(21.0, age - rng.gauss(2.0, 2.0)))
    people = [head, wife, *_children(rng, _years(wife), _CHILD_COUNT.draw(rng), ("之子", "之女"))]
    return people + _old_parents(rng, _years(head))


def _old_parents(rng: random.Random, child_age: float) -> list[Person]:
    mother_age = child_age + rng.uniform(20.5, 34)
    father_age = mother_age + max(-3.0, rng.gauss(2.0, 2.5))
    both = rng.random() < 0.55
    parents = [_person(rng, "之母", FEMALE, min(mother_age, 94))]
    if both and father_age < 90:
        parents.insert(0, _person(rng, "之父", MALE, father_age))
    return parents


def _grandfather_heads(rng: random.Random) -> list[Person]:
    people = _couple(rng, rng.uniform(53, 72))
    mother = _mother(people)
    son_age = mother - rng.uniform(20.5, min(30.0, mother - 22.5))
    son = _person(rng, "之子", MALE, son_age)
    people.append(son)
    wife = _person(rng, "之儿媳", FEMALE, max(21.0, son_age - rng.gauss(1.5, 1.5)))
    people.append(wife)
    return people + _children(rng, _years(wife), _GRANDCHILD_COUNT.draw(rng), ("之孙子", "之孙女"))


def _grandparents_raise(rng: random.Random) -> list[Person]:
    """The parents work far away on a household of their own, or are dead."""
    age = rng.uniform(57, 74)
    people = _couple(rng, age) if rng.random() < 0.65 else [_person(rng, "户主", FEMALE, age)]
    youngest = min(map(_years, people))
    for _ in range(_GRANDCHILD_COUNT.draw(rng)):
        sex = _child_sex(rng)
        age = rng.uniform(2, min(17.0, youngest - 40))
        people.append(_person(rng, ("之孙子", "之孙女")[sex == FEMALE], sex, age))
    return people


def _single_parent(rng: random.Random) -> list[Person]:
    head = _person(rng, "户主", MALE if rng.random() < 0.6 else FEMALE, rng.uniform(30, 52))
    children = _children(rng, _years(head) - 2, _GRANDCHILD_COUNT.draw(rng), ("之子", "之女"))
    return [head, *children]


def _unmarried_with_parents(rng: random.Random) -> list[Person]:
    head = _person(rng, "户主", MALE, rng.uniform(29, 54))
    return [head, *_old_parents(rng, _years(head))]


_CHILD_COUNT = Weighted({1: 0.30, 2: 0.52, 3: 0.18})
_GRANDCHILD_COUNT = Weighted({1: 0.55, 2: 0.45})
_STRUCTURES: Weighted[Callable[[random.Random], list[Person]]] = Weighted(
    {
        _alone: 0.10,
        _old_couple: 0.12,
        _couple_alone: 0.07,
        _nuclear: 0.31,
        _with_parents: 0.17,
        _grandfather_heads: 0.07,
        _grandparents_raise: 0.04,
        _single_parent: 0.06,
        _unmarried_with_parents: 0.06,
    }
)
