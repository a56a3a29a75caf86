"""The narrow rows that lists and the search read follow every change, at once or in a job, and are right after it."""

from __future__ import annotations

import random
from datetime import date
from typing import TYPE_CHECKING

import pytest

from console_city import build
from county import areas, household, households, person, take
from tuopin.platform import jobs
from tuopin.platform.access import local_admin
from tuopin.platform.models import Job
from tuopin.register import cards
from tuopin.register.correcting.services import Change, Why, correct
from tuopin.register.correcting.services import undo as undo_correction
from tuopin.register.importing.services import import_paths
from tuopin.register.importing.undo import undo_import
from tuopin.register.models import AreaVersion, Household, HouseholdCard, Import, Membership, PersonCard, PersonKey
from tuopin.register.services import Correction, correct_households

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)

DAY = date(2018, 12, 1)


def test_cards_follow_imports_corrections_and_moves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large import leaves the members to a job; until it ran, the lists know that they are behind."""
    monkeypatch.setattr(cards, "AT_ONCE", 25)
    city = build(tmp_path, households=120)
    assert HouseholdCard.objects.count() == Household.objects.count() == 120
    assert not cards.is_current()
    assert PersonCard.objects.count() == 0
    waiting = Job.objects.filter(kind=cards.JOB)
    assert waiting.exists()
    for job in waiting:
        cards.follow_persons(job.payload["run"])
        cards.follow_persons(job.payload["run"])  # a second time after a crash writes the same
    waiting.update(state=Job.State.DONE)
    assert cards.is_current()
    assert cards.wrong() == 0
    assert PersonCard.objects.count() == Membership.objects.filter(valid_to=None).count() > 0
    assert PersonKey.objects.count() > 0
    assert jobs.kind(cards.JOB).name == cards.JOB

    code = city.ours[0]
    change = Correction(code, "wage", 12_345_678)
    correct_households(local_admin(), [change], as_of=DAY)
    assert cards.wrong() == 0
    card = HouseholdCard.objects.get(code=code)
    before = card.income
    correct_households(local_admin(), [Correction(code, "wage", None)], as_of=DAY)
    card.refresh_from_db()
    assert before is not None
    assert card.income is None, "an unknown part makes the income unknown"
    assert cards.wrong() == 0


def test_the_same_import_again_touches_no_card(tmp_path: Path) -> None:
    """Nothing changed: nothing is written; and where an area moved, the paths of all below follow."""
    city = build(tmp_path, households=60)
    run = Import.objects.order_by("-pk").first()
    assert run is not None
    import_paths(local_admin(), city.summary.files)
    assert cards.wrong() == 0
    village = AreaVersion.objects.filter(level="village", valid_to=None).order_by("pk").first()
    assert village is not None
    AreaVersion.objects.filter(pk=village.pk).update(path=village.path[:-8] + "99999999")
    cards._follow_areas([(AreaVersion._meta.db_table, ["path"], [[village.pk]])])
    assert cards.wrong() == 0


def test_cards_are_made_where_there_are_none(tmp_path: Path) -> None:
    """After an upgrade from a version without them."""
    build(tmp_path, households=40)
    for model in (HouseholdCard, PersonCard, PersonKey):
        model.objects.all().delete()
    assert cards.wrong() > 0
    cards.ensure()
    assert cards.wrong() == 0
    assert HouseholdCard.objects.count() == 40
    assert PersonKey.objects.exists()


def test_an_income_beyond_all_sense_is_unknown_and_stops_nothing(tmp_path: Path) -> None:
    """Sums of such numbers would leave the range of the column."""
    city = build(tmp_path, households=20)
    huge = [Correction(city.ours[0], name, 9_000_000_000_000_000_000) for name in ("wage", "business")]
    correct_households(local_admin(), huge, as_of=DAY)
    assert HouseholdCard.objects.get(code=city.ours[0]).income is None
    assert cards.wrong() == 0


def _moved(folder: Path, home: str, name: str, day: str) -> Path:
    """Two households; one person is in the household ``home``."""
    people = {"9901": [person("990101")], "9902": [person("990201", 姓名="李四")]}
    people[home].append(person("990109", 姓名="王五", 与户主关系="之子"))
    return households(folder, *(household(code, *each) for code, each in people.items()), day=day, name=name)


@pytest.mark.parametrize("day", ["2018-12-01", "2019-12-01"], ids=["the same day", "a year later"])
@pytest.mark.parametrize("at_once", [5_000, 1], ids=["at once", "in a job"])
def test_a_person_who_moves_leaves_the_card_of_the_former_household(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, day: str, at_once: int
) -> None:
    """A second export of the same day writes the membership over: the former household's row stays as it was, and its
    card must follow all the same; and both households' when the move is undone."""
    take(areas(tmp_path), _moved(tmp_path, "9901", "a.csv", "2018-12-01"))
    monkeypatch.setattr(cards, "AT_ONCE", at_once)
    take(_moved(tmp_path, "9902", "b.csv", day))
    if at_once == 1:
        cards.follow_persons(Import.objects.order_by("-pk").values_list("pk", flat=True)[0])
    assert dict(HouseholdCard.objects.values_list("code", "members")) == {"9901": 1, "9902": 2}
    assert PersonCard.objects.get(name="王五").household.code == "9902"
    assert cards.wrong() == 0
    undo_import(local_admin(), Import.objects.order_by("-pk").values_list("pk", flat=True)[0])
    assert dict(HouseholdCard.objects.values_list("code", "members")) == {"9901": 2, "9902": 1}
    assert PersonCard.objects.get(name="王五").household.code == "9901"
    assert cards.wrong() == 0


@pytest.mark.parametrize("seed", range(8))
def test_cards_are_right_after_anything(tmp_path: Path, seed: int) -> None:
    """Imports of the same, an older or a newer day with people who move, come and go, corrections of households and
    persons, their undoing, and the undoing of an import: after every step no card differs from the dated tables."""
    chance = random.Random(1_000 + seed)

    def some(name: str) -> Path:
        members: dict[int, list[dict[str, str]]] = {}
        for who in chance.sample(range(1, 13), chance.randrange(4, 11)):
            row = person(
                f"99{who:02d}01", 姓名=chance.choice("甲乙丙丁") + "人", 与户主关系=chance.choice(("户主", "之子")),
                文化程度=chance.choice(("小学", "初中", "")),
            )  # fmt: skip
            members.setdefault(chance.randrange(1, 5), []).append(row)
        groups = [
            household(
                f"99{number:02d}", *people, 村=chance.choice(("甲村委会", "乙村委会")),
                脱贫属性=chance.choice(("已脱贫", "未脱贫")), 工资性收入=chance.choice(("1", "20000", "x", "")),
            )
            for number, people in members.items()
        ]  # fmt: skip
        day = chance.choice(("2017-06-01", "2018-12-01", "2018-12-01", "2019-12-01"))
        return households(tmp_path, *groups, day=day, name=name)

    def corrected() -> int | None:
        home = chance.choice(list(Household.objects.values_list("pk", flat=True)))
        who = chance.choice(list(Membership.objects.filter(valid_to=None).values_list("person_id", flat=True)))
        changes = [
            Change("household", home, "wage", chance.randrange(1_000_000)),
            Change("person", who, "name", chance.choice("戊己庚") + "人"),
            Change("person", who, "education", chance.choice(("primary", "junior", None))),
        ]
        day = max(Import.objects.values_list("as_of", flat=True))
        act = correct(local_admin(), changes, Why(day)).correction
        assert cards.wrong() == 0
        return act.pk if act is not None else None

    take(areas(tmp_path), some("a.csv"))
    assert cards.wrong() == 0
    for step in range(3):
        act = corrected()
        take(some(f"b{step}.csv"))
        assert cards.wrong() == 0
        if chance.random() < 0.6:
            undo_import(local_admin(), Import.objects.order_by("-pk").filter(undone_at=None)[0].pk)
            assert cards.wrong() == 0
            if act is not None:
                undo_correction(local_admin(), act)
                assert cards.wrong() == 0
    assert HouseholdCard.objects.count() == Household.objects.count() > 0
