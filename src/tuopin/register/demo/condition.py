"""Study, health, work and insurance of a family, so that the columns of one person agree with each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.register.demo import names
from tuopin.register.demo.people import Person, completed_years
from tuopin.register.demo.streams import DAY, Weighted

if TYPE_CHECKING:
    import random
    from datetime import date

_SCHOOL_YEAR = DAY.replace(month=9, day=1)
_GRADES = ("小学",) * 6 + ("七年级", "八年级", "九年级")
_HIGH = ("普通高中一年级", "普通高中二年级", "普通高中三年级")
_VOCATIONAL = ("中职一年级", "中职二年级", "中职三年级")
_COLLEGE = ("高职高专一年级", "高职高专二年级", "高职高专三年级")
_UNIVERSITY = ("本科一年级", "本科二年级", "本科三年级", "本科四年级")
UPPER_SCHOOL = frozenset(_HIGH + _VOCATIONAL + _COLLEGE + _UNIVERSITY)

_WORK_PLACE = Weighted({"乡(镇)内": 0.22, "乡(镇)外县内": 0.20, "县外省内": 0.22, "省外": 0.36})
_CHANNEL = Weighted({"亲友介绍": 0.45, "自主就业": 0.35, "政府组织劳务输出": 0.12, "企业招聘": 0.08})
_POST = Weighted({"保洁员": 0.5, "护林员": 0.15, "护路员": 0.2, "护理员": 0.15})
_SCHOOLING_BY_AGE = (
    (35, Weighted({"小学": 0.14, "初中": 0.62, "高中": 0.18, "大专": 0.06})),
    (55, Weighted({"文盲或半文盲": 0.05, "小学": 0.35, "初中": 0.52, "高中": 0.08})),
    (200, Weighted({"文盲或半文盲": 0.38, "小学": 0.45, "初中": 0.15, "高中": 0.02})),
)
_CHANCES_OF_ILLNESS = (  # up to age: chronic illness, grave illness, disability
    (16, 0.010, 0.004, 0.012),
    (45, 0.050, 0.012, 0.040),
    (60, 0.160, 0.030, 0.070),
    (200, 0.330, 0.040, 0.090),
)
_DISABILITY_KIND = "123467"


def settle(rng: random.Random, people: list[Person]) -> None:
    """Fill study, health, labour, insurance and phone of every member."""
    for person in people:
        _study(rng, person)
        _health(rng, person)
        person.labour = _labour(rng, person)
        _insurance(rng, person)
        if person.age >= 18 and rng.random() < 0.7:
            person.phone = names.phone(rng)
        person.politics = _politics(rng, person)


def send_to_work(rng: random.Random, person: Person) -> None:
    """The person earns wages away from the farm for some months of the year."""
    person.work_place = _WORK_PLACE.draw(rng)
    person.work_months = rng.randrange(4, 12)
    person.channel = _CHANNEL.draw(rng)


def give_public_post(rng: random.Random, person: Person) -> None:
    person.public_post = _POST.draw(rng)
    person.public_post_months = 12
    person.work_place, person.work_months, person.channel = "乡(镇)内", 12, "公益性岗位"


def disability_number(rng: random.Random, person: Person) -> str:
    """Twenty characters: the ID number, the kind and the degree of the disability."""
    return f"{person.id_number}{rng.choice(_DISABILITY_KIND)}{rng.randrange(1, 5)}"


def is_able(person: Person) -> bool:
    """Able to do a full day's work."""
    return person.labour in {"普通劳动力", "技能劳动力"}


def grade_on(birth: date, rng: random.Random) -> str:
    """The school grade in the school year that contains the day; "" for one who has left school."""
    if completed_years(birth, DAY) < 3:
        return "学龄前儿童"
    year = completed_years(birth, _SCHOOL_YEAR) - 6
    if year < 0:
        return "学前教育"
    if year < 9:
        return _GRADES[year]
    later = rng.random()
    if year < 12 and later < 0.84:
        return (_HIGH if later < 0.5 else _VOCATIONAL)[year - 9]
    if 12 <= year < 15 and later < 0.30:
        return _COLLEGE[year - 12]
    if 12 <= year < 16 and later > 0.80:
        return _UNIVERSITY[year - 12]
    if year == 9 and completed_years(birth, DAY) <= 15:
        return _HIGH[0]
    return ""


def _politics(rng: random.Random, person: Person) -> str:
    chance = rng.random()
    if person.age >= 22 and chance < 0.035:
        return "中共党员"
    return "共青团员" if 14 <= person.age < 24 and chance < 0.15 else "群众"


def _study(rng: random.Random, person: Person) -> None:
    if person.age < 23:
        person.study = grade_on(person.birth, rng)
    if not person.study:
        schooling = next(weighted for limit, weighted in _SCHOOLING_BY_AGE if person.age < limit)
        person.education = schooling.draw(rng) if person.age >= 20 else "初中"


def _health(rng: random.Random, person: Person) -> None:
    chronic, grave, disabled = next(row[1:] for row in _CHANCES_OF_ILLNESS if person.age < row[0])
    found = []
    if rng.random() < disabled:
        found.append("残疾")
    if rng.random() < chronic:
        found.append("长期慢性病")
    elif rng.random() < grave:
        found.append("患有大病")
    person.health = ",".join(found) or "健康"


def _labour(rng: random.Random, person: Person) -> str:
    if person.age < 16 or person.study:
        return "无劳动力"
    if person.age >= 75:
        return "丧失劳动力" if "残疾" in person.health else "无劳动力"
    chance = rng.random()
    if "残疾" in person.health or "患有大病" in person.health:
        return "丧失劳动力" if chance < 0.45 else "弱劳动力或半劳动力"
    if person.age >= 60:
        return "弱劳动力或半劳动力" if chance < 0.5 else "无劳动力"
    if "长期慢性病" in person.health:
        return "弱劳动力或半劳动力" if chance < 0.5 else "普通劳动力"
    return "技能劳动力" if chance < 0.08 else "普通劳动力"


def _insurance(rng: random.Random, person: Person) -> None:
    chance = rng.random()
    if chance < 0.008 and 20 <= person.age < 60 and is_able(person):
        person.resident_insurance, person.employee_insurance = "否", "是"
    if person.age >= 16 and not person.study and (person.age >= 60 or rng.random() < 0.82):
        person.pension = "是"
