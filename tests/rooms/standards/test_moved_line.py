"""A line that is moved: the numbers at every line are those of a judgement by it; each reader gets the own ones."""

from __future__ import annotations

import datetime
import random
import threading
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from console_city import City, restored
from people import account
from tuopin.platform import worker
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.database import bump_data_version, write
from tuopin.platform.models import Job, User
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.models import AreaVersion, HouseholdIncome, StatusPeriod
from tuopin.standards.comparing import distribution, files, services, what_if
from tuopin.standards.comparing.disclosure import Disclosure
from tuopin.standards.comparing.sides import Side
from tuopin.standards.models import Evaluation
from tuopin.standards.services import evaluate

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuopin.platform.access import Actor

pytestmark = pytest.mark.django_db(transaction=True)

DAY = datetime.date(2018, 12, 1)
SIDE = Side("shangqiu-2018", "household_exit", DAY)
PAGE = "/standards/compare/line/"


@pytest.fixture
def city(transactional_db: None, tmp_path_factory: pytest.TempPathFactory) -> City:
    for each in files.folder().iterdir():
        each.unlink()
    return restored(tmp_path_factory, households=150)


def actor(name: str) -> Actor:
    return actor_for(User.objects.get(username=name))


def client(name: str) -> Client:
    made = Client()
    made.force_login(User.objects.get(username=name))
    return made


def test_every_line_gives_what_a_judgement_by_it_gives(city: City) -> None:
    who = actor("county")
    services.prepare_line(who, city.top.code, SIDE)
    for text in ("2000", "2995", "2995.01", "3500", "6000.5"):
        answer = what_if.answer(who, city.top, SIDE, what_if.read_line(text))
        with_line = Side(SIDE.pack, SIDE.standard, DAY, (("poverty_line", text),))
        path = files.temporary()
        if text == "2995":  # the line in force
            with_line = Side(SIDE.pack, SIDE.standard, DAY, (("poverty_line", "2995.00"),))
        document = services.compare(who, services.Asked(city.top.code, SIDE, with_line), path)
        with files.Comparison(path) as found:
            overall = {
                (services_word(was), services_word(becomes)): number
                for (was, becomes), number in found.matrix(city.top.path)["overall"].items()
            }
        path.unlink()
        assert dict(answer.asked.changes) == overall, text
        own, measures = document["income"]["b"], answer.asked.measures
        assert (own["poor_households"], own["poor_persons"]) == (measures.poor_households, measures.poor_persons)
        for name in ("headcount", "gap", "severity", "missing"):
            bounds = getattr(measures, name)
            assert [Fraction(end) for end in own[name]] == [bounds.low, bounds.high], name
        assert Fraction(own["gini"]) == answer.gini
        assert own["unknown_households"] == measures.sums.unknown_households
        assert sum(answer.spread) == answer.households == sum(overall.values())
        assert sum(each.asked.measures.poor_households for each in answer.below) == measures.poor_households
        assert sum(each.asked.worse for each in answer.below) == answer.asked.worse


@pytest.mark.parametrize("seed", range(4))
def test_a_line_agrees_where_registration_incomes_and_members_are_unknown(seed: int, city: City) -> None:
    """Whoever may not be concerned is met above the line and unknown below it, whatever else is known."""
    chance = random.Random(seed)
    statuses = list(StatusPeriod.objects.filter(axis="registration").order_by("pk").values_list("pk", flat=True))
    incomes = list(HouseholdIncome.objects.order_by("household_id").values_list("pk", flat=True))
    with write():
        StatusPeriod.objects.filter(pk__in=chance.sample(statuses, 60)).delete()
        HouseholdIncome.objects.filter(pk__in=chance.sample(incomes, 15)).update(wage=None)
        for key in chance.sample(incomes, 30):
            HouseholdIncome.objects.filter(pk=key).update(wage=chance.randrange(0, 2_500_000))
        bump_data_version()
    who = actor("county")
    services.prepare_line(who, city.top.code, SIDE)
    unsure = 0
    for text in ("1500", "2995.00", f"{chance.randrange(2000, 9000)}.{chance.randrange(10)}", "30000"):
        answer = what_if.answer(who, city.top, SIDE, what_if.read_line(text))
        path = files.temporary()
        with_line = Side(SIDE.pack, SIDE.standard, DAY, (("poverty_line", text),))
        document = services.compare(who, services.Asked(city.top.code, SIDE, with_line), path)
        with files.Comparison(path) as found:
            overall = {
                (services_word(was), services_word(becomes)): number
                for (was, becomes), number in found.matrix(city.top.path)["overall"].items()
                if (was, becomes) != ("a", "a")
            }
        path.unlink()
        assert dict(answer.asked.changes) == overall, text
        own, measures = document["income"]["b"], answer.asked.measures
        assert (own["poor_households"], own["unknown_households"]) == (
            measures.poor_households, measures.sums.unknown_households,
        )  # fmt: skip
        unsure += sum(n for (was, becomes), n in overall.items() if {was, becomes} == {"met", "unknown"})
    assert unsure > 0, "nobody's verdict rested on the line while it was unknown whether the standard concerns him"


def services_word(letter: str) -> str:
    return {"m": "met", "n": "not_met", "u": "unknown", "a": "not_applicable"}[letter]


def test_a_township_reads_its_own_numbers_from_what_the_city_prepared(city: City) -> None:
    services.prepare_line(actor("county"), city.top.code, SIDE)
    clerk = actor("clerk")
    whole = what_if.answer(actor("county"), city.top, SIDE, Fraction(3500))
    own = what_if.answer(clerk, city.township, SIDE, Fraction(3500))
    assert own.households == len(city.ours) < whole.households
    run = Evaluation.objects.get(standard="household_exit")
    rows = run.verdicts.filter(area_id__in=_villages(city.township)).values_list("shown", flat=True)
    incomes = [Fraction(text.split("|")[0]) for text in rows if text.split("|")[0]]
    assert own.asked.measures.poor_households == sum(income <= 3500 for income in incomes)
    for wrong in (city.top, city.other):
        with pytest.raises(Refused):
            what_if.answer(clerk, wrong, SIDE, None)
    there = client("clerk")
    assert there.get(PAGE, {"area": city.township.code}).status_code == 200
    for code in (city.top.code, city.other.code, "990199999999"):
        assert there.get(PAGE, {"area": code}).status_code == 404


def _villages(area: AreaVersion) -> list[int]:
    found = AreaVersion.objects.filter(path__startswith=area.path, level="village")
    return list(found.values_list("area_id", flat=True))


def test_figures_alone_come_in_fives_and_at_whole_hundreds(city: City) -> None:
    services.prepare_line(actor("county"), city.top.code, SIDE)
    who = actor_for(account("assessor", "assessor", city.township.code))
    with pytest.raises(Problem, match="line_too_fine"):
        what_if.answer(who, city.township, SIDE, Fraction(3501))
    found = what_if.answer(who, city.township, SIDE, Fraction(4000))
    assert not found.shown.open
    assert client("assessor").get(PAGE, {"area": city.township.code, "line": "3501"}).status_code == 400
    page = client("assessor").get(PAGE, {"area": city.township.code, "line": "4000"})
    assert page.status_code == 200
    for chart in page.context["charts"]:
        for row in chart.rows:
            for cell in row.cells[:5]:
                assert cell.value is None or cell.value % 5 == 0
    texts = [cell.zh for line in page.context["lines"][:2] for cell in line.cells]
    assert all(text.startswith("少于") or int(text.replace(",", "")) % 5 == 0 for text in texts)


def test_a_share_of_a_village_does_not_give_its_number_away() -> None:
    alone, whole = Disclosure(open=False), Disclosure(open=True)
    few = [alone.share(Fraction(poor, 30), poor, 30, 2).value for poor in range(5, 31)]
    assert len(set(few)) <= 6, "thirty households have six steps of five, and no more shares"
    assert [whole.share(Fraction(poor, 30), poor, 30, 2).value for poor in (5, 6, 7)] == [1667, 2000, 2333]
    assert alone.share(Fraction(334, 1000), 3000, 9000, 2).value == 3300, "whole per cents, as the page has them"
    assert alone.share(Fraction(1), 9, 9, 2).value == 10_000, "all are all"
    gaps = {alone.money(Fraction(gap), 8, Fraction(2995)).value for gap in range(8_000, 22_000, 500)}
    assert gaps == {1_500_000}, "one household more or less does not show in the money"


def test_unknown_incomes_are_a_group_of_their_own(city: City) -> None:
    some = list(HouseholdIncome.objects.order_by("household_id").values_list("pk", flat=True)[:9])
    with write():
        HouseholdIncome.objects.filter(pk__in=some).update(wage=None)
        bump_data_version()
    services.prepare_line(actor("county"), city.top.code, SIDE)
    evaluate(local_admin(), SIDE.standard, day=DAY, pack=SIDE.pack)
    run = Evaluation.objects.filter(standard="household_exit").latest("pk")
    texts = run.verdicts.exclude(letters__startswith="a").values_list("shown", flat=True)
    blank = sum(not text.split("|")[0] for text in texts)
    assert blank > 0
    found = what_if.answer(actor("county"), city.top, SIDE, Fraction(1))
    assert found.spread[-1] == blank == found.in_force.sums.unknown_households
    everybody = what_if.answer(actor("county"), city.top, SIDE, what_if.MOST)
    assert everybody.asked.measures.poor_households == found.households - blank - found.in_force.sums.uncounted
    assert everybody.asked.changes.get(("unknown", "unknown"), 0) <= blank, (
        "an unknown income stays unknown at any line"
    )


def test_prepared_by_a_job_and_not_before(city: City) -> None:
    there = client("clerk")
    page = there.get(PAGE, {"area": city.township.code})
    assert page.status_code == 200
    assert "准备收入分布" in page.content.decode()
    began = there.post(PAGE, {"area": city.township.code})
    assert began.status_code == 302
    again = there.post(PAGE, {"area": city.township.code})
    assert again["location"] == began["location"], "begun once"
    worker.work(threading.Event(), until_empty=True)
    job = Job.objects.get(kind=services.LINE_JOB)
    assert job.state == Job.State.DONE, job.error
    assert job.result is not None
    page = there.get(job.result["href"])
    assert "what-if-incomes" in page.content.decode()
    assert "登记资料有变动" not in page.content.decode()
    with write():
        bump_data_version()
    assert "登记资料有变动" in there.get(job.result["href"]).content.decode()
    assert client("counter").post(PAGE, {"area": city.township.code}).status_code == 403


@pytest.mark.parametrize("line", ["0", "-1", "1e9", "2995.001", "二千", "99999999", "<script>", "=1+1", "１２", " "])
def test_a_line_that_is_none(line: str, city_once: City) -> None:
    answer = client("county").get(PAGE, {"area": city_once.top.code, "line": line})
    assert answer.status_code == (200 if not line.strip() else 400)
    assert "<script>" not in answer.content.decode().split("<main")[1].replace("<script defer", "")


@pytest.fixture
def city_once(city: City) -> City:
    services.prepare_line(local_admin(), city.top.code, SIDE)
    return city


def test_the_page_in_parts_and_in_few_queries(
    city_once: City, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    there = client("county")
    address = {"area": city_once.top.code, "line": "3200"}
    there.get(PAGE, address)
    with django_assert_max_num_queries(20):
        whole = there.get(PAGE, address).content.decode()
    assert 'name="line"' in whole
    part = there.get(PAGE, address, headers={"hx-request": "true", "hx-target": "line-result"}).content.decode()
    assert "<html" not in part
    assert "what-if-incomes" in part
    table = there.get(PAGE, address | {"csv": "what-if-areas"})
    assert table["content-type"].startswith("text/csv")
    assert there.get(PAGE, address | {"csv": "nothing"}).status_code == 404
    for wrong in ({"pack": "nowhere"}, {"standard": "nothing"}, {"pack": "../.."}):
        assert there.get(PAGE, address | wrong).status_code == 404
    for wrong in ({"day": "2018-02-30"}, {"day": "x" * 9000}, {"standard": "village_exit"}):
        assert there.get(PAGE, address | wrong).status_code == 400


def test_a_file_that_is_none_is_not_read(city: City) -> None:
    path = distribution.file_of(city.top.area_id, SIDE)
    path.write_bytes(b"something else\n")
    assert distribution.find(city.top.path, SIDE) is None
    with pytest.raises(ValueError, match="not a distribution"):
        distribution.load(path, city.top.path)
    with pytest.raises(what_if.NotPrepared):
        what_if.answer(actor("county"), city.top, SIDE, None)
    with pytest.raises(Missing):
        services.begin_line(actor("clerk"), city.top.code, SIDE)
    with pytest.raises(Problem, match="no_line"):
        services.begin_line(actor("county"), city.top.code, Side("shangqiu-2018", "village_exit", DAY))
