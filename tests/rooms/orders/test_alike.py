"""Like for like: a condition finds those alike and those of whom it cannot tell, each is answered once; a question is
answered by who was asked, with a count and a paper; nothing of a closed class is told."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people import PASSWORD
from rooms.orders.office import DAY, Offices
from tuopin.orders.alike import answering, selectors, services
from tuopin.orders.alike.answering import Answer
from tuopin.orders.alike.services import Query, Words
from tuopin.orders.models import AlikeQuestion, AlikeSubject, Matter, MatterEvent, MatterSubject
from tuopin.orders.services import SubjectRef
from tuopin.platform.access import Actor, actor_for, local_admin
from tuopin.platform.models import AuditEntry, Grant, Job, User
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.models import HouseholdLiving, Membership, Person, PersonCondition
from tuopin.standards import asking

pytestmark = pytest.mark.django_db(transaction=True)
BASE = ("data-quality", "household_quality")
WATER = "not water_safe"


def now() -> Any:
    return timezone.now()


def without_water() -> Offices:
    """Of the six households here: two without safe water, one of whom it is unknown, three with it; there, one
    without. In each one person; in the first one, somebody ill."""
    found = Offices()
    facts = [False, False, None, True, True, True]
    for home, safe in [*zip(found.here, facts, strict=True), (found.there[0], False)]:
        person = Person.objects.create(code=f"p{home.pk}")
        Membership.objects.create(
            person=person, household=home, valid_from=DAY(2014, 1, 1), confirmed_on=DAY(2018, 6, 1)
        )
        HouseholdLiving.objects.create(
            household=home, year=2018, as_of=DAY(2018, 6, 1), recorded_at=now(), water_safe=safe
        )
        ill = "serious" if home == found.here[0] else "healthy"
        PersonCondition.objects.create(person=person, year=2018, as_of=DAY(2018, 6, 1), recorded_at=now(), health=ill)
    return found


@pytest.fixture
def city() -> Offices:
    return without_water()


def query(city: Offices, text: str = WATER, **more: Any) -> Query:
    return Query(**({"area": city.county.code, "pack": BASE[0], "standard": BASE[1], "text": text} | more))


def asked(city: Offices, actor: Actor, text: str = WATER, *, row: Matter | None = None, **more: Any) -> AlikeQuestion:
    matter = row or city.issued(now(), title="饮水不安全", category="water")
    found = services.ask_query(actor, matter.pk, query(city, text, **more), now())
    services.search(actor, found.pk, now())
    found.refresh_from_db()
    return found


def codes(rows: Any) -> list[tuple[str, bool]]:
    return [
        (each.household.code, each.unknown) for each in rows.select_related("household").order_by("household__code")
    ]


def test_a_condition_finds_those_alike_and_those_of_whom_it_cannot_tell(city: Offices) -> None:
    boss, home = city.city_office(), city.here
    row = city.issued(now(), title="饮水不安全", subjects=(SubjectRef("household", home[0].pk),))
    found = asked(city, boss, row=row)
    assert codes(found.subjects) == [(home[1].code, False), (home[2].code, True)], "but not whom it was found at"
    assert selectors.asked(boss, found).counts == {
        "left": 1, "unknown": 1, "confirmed": 0, "excluded": 0, "answered": 0,
    }  # fmt: skip
    whole = asked(city, boss, area=city.city.code)
    assert whole.subjects.count() == 9, "five of the other county’s, of whom nothing is known, too"
    clerk = city.actor("clerk", "county", "area", city.county.area_id)
    assert codes(selectors.subjects(clerk, whole)) == [
        (home[0].code, False), (home[1].code, False), (home[2].code, True),
    ]  # fmt: skip
    assert MatterEvent.objects.filter(matter=row, act="alike").count() == 1
    assert not AuditEntry.objects.filter(detail__contains="water_safe").exists(), "the text is no matter of the audit"


def test_villages_are_found_as_households_are(city: Offices) -> None:
    found = asked(city, local_admin(), "count(household) >= 1", standard="village_quality")
    assert [each.area_id for each in found.subjects.all()] in ([], [city.village.area_id])


def test_what_is_asked_again_keeps_answers(city: Offices) -> None:
    boss = city.city_office()
    found = asked(city, boss)
    one, two, three = found.subjects.order_by("household__code")
    answering.exclude(boss, found.pk, one.pk, "已通自来水", now())
    HouseholdLiving.objects.filter(household=city.here[1]).update(water_safe=True)
    HouseholdLiving.objects.filter(household=city.here[2]).update(water_safe=False)
    HouseholdLiving.objects.filter(household=city.here[0]).update(water_safe=True)
    services.search(boss, found.pk, now())
    rows = {each.household_id: each for each in found.subjects.all()}
    assert rows[one.household_id].answer == "excluded", "an answer stays, though the condition no longer holds"
    assert two.household_id not in rows
    assert not rows[three.household_id].unknown


def test_confirmed_once_as_a_part_or_beside(city: Offices) -> None:
    boss = city.city_office()
    found = asked(city, boss)
    one, two, unknown = found.subjects.order_by("household__code")
    answering.confirm(boss, found.pk, one.pk, city.township, now())
    one.refresh_from_db()
    made = one.opened
    assert made is not None
    assert (made.parent_id, made.state, made.holder_id, made.category) == (
        found.matter_id, "issued", city.township, "water",
    )  # fmt: skip
    assert made.area_id == city.village.area_id
    assert [each.household_id for each in made.subjects.all()] == [one.household_id]
    with pytest.raises(Problem, match="answered_already"):
        answering.confirm(boss, found.pk, one.pk, None, now())
    again = asked(city, boss, row=found.matter)  # another question of the same matter finds it too
    same = again.subjects.get(household_id=one.household_id)
    answering.confirm(boss, again.pk, same.pk, None, now())
    same.refresh_from_db()
    assert same.opened_id == made.pk
    assert MatterSubject.objects.filter(origin="alike").count() == 1
    beside = asked(city, boss, as_part=False)
    other = beside.subjects.get(household_id=two.household_id)
    answering.confirm(boss, beside.pk, other.pk, None, now())
    other.refresh_from_db()
    assert other.opened is not None
    assert (other.opened.parent_id, other.opened.state) == (None, "draft")
    for reason in ("", " ", "x" * 501, "a\0b"):
        with pytest.raises(Problem):
            answering.exclude(boss, found.pk, unknown.pk, reason, now())
    answering.exclude(boss, found.pk, unknown.pk, "入户核实：有井水", now())
    with pytest.raises(Problem, match="answered_already"):
        answering.exclude(boss, found.pk, unknown.pk, "再排除", now())
    assert selectors.asked(boss, found).left == 1
    services.end(boss, found.pk, now())
    with pytest.raises(Problem, match="question_ended"):
        answering.confirm(boss, found.pk, two.pk, None, now())


def test_two_who_confirm_at_once_open_one_problem(city: Offices) -> None:
    boss = city.city_office()
    found = asked(city, boss)
    one = found.subjects.order_by("pk")[0]
    start, said = threading.Barrier(2), list[str]()

    def run() -> None:
        try:
            start.wait()
            answering.confirm(boss, found.pk, one.pk, None, now())
            said.append("done")
        except Problem as problem:
            said.append(problem.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["answered_already", "done"]
    assert Matter.objects.filter(parent=found.matter_id).count() == 1


def test_conditions_that_are_refused_by_name(city: Offices) -> None:
    boss, row = local_admin(), city.issued(now())
    wrong = {
        "watersafe": "unknown_name", "wage > 'x'": "", "wage = 3": "", "not water_safe and": "", "wage": "", "": "",
        "wage > 3 mu": "", "每 人": "", "(" * 480 + "water_safe" + ")" * 480: "", "x" * 1001: "bad_condition",
        "water_safe\0": "bad_condition", "not " * 240 + "water_safe": "",
    }  # fmt: skip
    for text, code in wrong.items():
        try:
            services.ask_query(boss, row.pk, query(city, text), now())
        except Problem as problem:
            assert not code or problem.code == code, (text, problem)  # noqa: PT017 - some are merely deep
        else:
            assert text.startswith(("(", "not not")), text
    for pack, standard in (("nothing", "household_exit"), BASE[::-1], ("data-quality", "nothing"), ("", "")):
        with pytest.raises(Problem, match="no_such_base"):
            services.ask_query(boss, row.pk, query(city, pack=pack, standard=standard), now())


def test_who_may_ask(city: Offices) -> None:
    row = city.issued(now())
    clerk = city.actor("neighbour", "county", "area", city.other.area_id)
    with pytest.raises(Missing):
        services.ask_query(clerk, row.pk, query(city), now())
    with pytest.raises((Refused, Missing)):  # the holder did not issue it
        services.ask_query(city.department(), row.pk, query(city), now())
    own = city.issued(now(), issuer_id=city.government)
    county = city.actor("clerk", "county", "area", city.county.area_id)
    with pytest.raises(Missing):
        services.ask_query(county, own.pk, query(city, area=city.other.code), now())
    petition = city.issued(now())
    Matter.objects.filter(pk=petition.pk).update(kind="petition", urgency="petition")
    with pytest.raises(Missing):
        services.ask_query(local_admin(), petition.pk, query(city), now())
    with pytest.raises(Missing):
        services.ask_query(local_admin(), 2**62, query(city), now())
    gone = city.act(city.city_office(), "withdraw", city.issued(now()), now(), note="错")
    with pytest.raises(Problem, match="matter_over"):
        services.ask_query(local_admin(), gone.pk, query(city), now())


# -- closed classes -----------------------------------------------------------------------------------------------

ILL = "some(person, health != 'healthy')"


def with_health(city: Offices, name: str = "city") -> Actor:
    """The city’s office with the class opened over its area."""
    city.city_office(name)
    user = User.objects.get(username=name)
    Grant.objects.filter(user=user).update(field_classes=["general", "identity", "health"])
    return actor_for(user)


def test_a_condition_on_a_closed_class_is_for_who_has_it(city: Offices) -> None:
    row = city.issued(now())
    plain = city.city_office()
    for text in (ILL, "some(person, age < 6)", f"not water_safe and {ILL}", "main_cause == 'illness'"):
        with pytest.raises(Refused, match="closed_classes"):
            services.ask_query(plain, row.pk, query(city, text), now())
    assert not AlikeQuestion.objects.exists()
    boss = with_health(city)
    found = asked(city, boss, ILL, row=row)
    assert found.classes == ["health"]
    assert codes(found.subjects) == [(city.here[0].code, False)]
    Grant.objects.filter(user__username="city").update(field_classes=["general"])  # taken away again
    later = actor_for(User.objects.get(username="city"))
    with pytest.raises(Refused, match="closed_classes"):
        services.search(later, found.pk, now())
    assert not selectors.subjects(later, found).exists()
    with pytest.raises(Missing):
        answering.confirm(later, found.pk, found.subjects.get().pk, None, now())


def test_nothing_of_it_is_told_to_who_lacks_the_class(city: Offices) -> None:
    boss = with_health(city)
    found = asked(city, boss, ILL, row=city.issued(now(), title="大病户未救助", category="basic_medical"))
    subject = found.subjects.get()
    answering.confirm(boss, found.pk, subject.pk, city.township, now())
    subject.refresh_from_db()
    opened = Matter.objects.select_related("text").get(pk=subject.opened_id)
    assert (opened.title, opened.category, opened.parent_id) == (answering.CLOSED_TITLE, "", None)
    assert "大病" not in opened.text.text
    assert str(found.matter_id) not in opened.text.text
    checker = city.inspector()  # sees the matter, not the class
    seen = selectors.asked(checker, found)
    assert (seen.closed, seen.total) == (True, 0)
    page = Client()
    assert page.login(username="inspector", password=PASSWORD)
    for address in (
        reverse("orders:alike", args=[found.matter_id]), reverse("orders:alike_one", args=[found.pk]),
        reverse("orders:alike_one", args=[found.pk], query={"group": "confirmed"}),
    ):  # fmt: skip
        text = page.get(address).content.decode()
        assert "health" not in text
        assert city.here[0].code not in text
        assert reverse("orders:matter", args=[opened.pk]) not in text
        assert f"问题 {opened.pk}" not in text
        assert "未对您开放" in text
    assert not AuditEntry.objects.filter(detail__contains="healthy").exists()


def test_the_classes_of_a_condition_are_those_of_what_it_names(city: Offices) -> None:
    day = DAY(2018, 12, 1)
    for text, classes in {
        WATER: set(), "wage > 3000": set(), "count(person) > 3": set(), ILL: {"health"},
        "some(person, study == 'not_in_school')": {"child"}, "some(person, age < 6)": {"identity"},
    }.items():  # fmt: skip
        assert asking.classes_of(asking.condition(*BASE, text, day)) == classes, text
    assert city


# -- questions in words -------------------------------------------------------------------------------------------


def test_a_question_is_answered_with_a_count_and_a_paper(city: Offices) -> None:
    boss = city.city_office()
    row = city.issued(now(), area_id=city.city.area_id)
    words = Words("是否也有供水时段不足", (city.county.code, city.other.code), (city.education,), timezone.localdate())
    found = services.ask_words(boss, row.pk, words, now())
    assert selectors.asked(boss, found).counts["left"] == 3
    clerk = city.actor("clerk", "county", "area", city.county.area_id)
    assert selectors.waiting(clerk).count() == 2, "the county, and the department, for which its office handles"
    mine = selectors.waiting(clerk).get(area_id=city.county.area_id)
    with pytest.raises(Missing):  # the city’s matter is not for the county, the question is
        services.end(clerk, found.pk, now())
    for given, code in (
        (Answer(1), "no_paper"), (Answer(-1, reference="x"), "bad_count"), (Answer(10**9, reference="x"), "bad_count"),
    ):  # fmt: skip
        with pytest.raises(Problem, match=code):
            answering.answer(clerk, found.pk, mine.pk, given, now())
    answering.answer(clerk, found.pk, mine.pk, Answer(2, "两个村", "镇水利站档案"), now())
    with pytest.raises(Problem, match="answered_already"):
        answering.answer(clerk, found.pk, mine.pk, Answer(0, "", "x"), now())
    other = found.subjects.get(area_id=city.other.area_id)
    with pytest.raises(Missing):
        answering.answer(clerk, found.pk, other.pk, Answer(0, "", "x"), now())
    assert set(selectors.subjects(clerk, found)) == {mine, found.subjects.get(unit_id=city.education)}
    teacher = city.department()
    [unit] = selectors.waiting(teacher)
    answering.answer(teacher, found.pk, unit.pk, Answer(0, "", "自查报告"), now())
    assert selectors.asked(boss, found).counts == {
        "left": 1, "unknown": 0, "confirmed": 0, "excluded": 0, "answered": 2,
    }  # fmt: skip
    with pytest.raises(Problem, match="nothing_found"):
        answering.confirm(boss, found.pk, unit.pk, None, now())
    answering.confirm(boss, found.pk, mine.pk, None, now())
    mine.refresh_from_db()
    assert mine.opened is not None
    assert (mine.opened.area_id, mine.opened.parent_id, mine.count) == (city.county.area_id, row.pk, 2)
    with pytest.raises(Problem, match="answered_already"):
        answering.confirm(boss, found.pk, mine.pk, None, now())


def test_questions_that_are_refused(city: Offices) -> None:
    boss, row = city.city_office(), city.issued(now())
    code = city.county.code
    for words, said in (
        (Words(""), "no_question"), (Words("x" * 1001, (code,)), "no_question"), (Words("问"), "nobody_asked"),
        (Words("问", (code,), until=DAY(2018, 1, 1)), "bad_until"), (Words("问", ("nothing",)), "no_such_target"),
        (Words("问", (), (2**40,)), "no_such_target"),
    ):  # fmt: skip
        with pytest.raises(Problem, match=said):
            services.ask_words(boss, row.pk, words, now())
    assert not AlikeQuestion.objects.exists()


# -- what a review found ------------------------------------------------------------------------------------------


def test_units_of_another_county_are_told_to_nobody_here(city: Offices) -> None:
    boss, row = city.city_office(), city.issued(now(), area_id=city.city.area_id)
    found = services.ask_words(boss, row.pk, Words("是否也有", (), (city.education, city.elsewhere)), now())
    neighbour = city.actor("neighbour", "department", "organisation", city.elsewhere)
    [theirs] = selectors.waiting(neighbour)
    answering.answer(neighbour, found.pk, theirs.pk, Answer(3, "邻县的事", "邻县档案室"), now())
    holder = city.department()  # the department here holds the city’s matter, and sees it
    assert selectors.sees_matter(holder, found)
    assert [one.unit_id for one in selectors.subjects(holder, found)] == [city.education]
    assert selectors.asked(holder, found).total == 1
    assert selectors.asked(boss, found).total == 2


def test_many_questions_are_as_few_statements(city: Offices, django_assert_max_num_queries: Any) -> None:
    boss, row = city.city_office(), city.issued(now())
    asked(city, boss, row=row)
    page, here = Client(), reverse("orders:alike", args=[row.pk])
    assert page.login(username="city", password=PASSWORD)
    with django_assert_max_num_queries(20) as few:
        page.get(here)
    for at in range(6):
        asked(city, boss, f"not water_safe and wage >= {at}", row=row)
        services.ask_words(boss, row.pk, Words(f"第 {at} 问", (city.county.code,)), now())
    with django_assert_max_num_queries(min(20, len(few) + 1)):
        assert page.get(here).content.decode().count("/alike/") >= 13
    counts = {each.row.pk: each.counts for each in selectors.of_matter(boss, row)}
    assert counts == {number: selectors.asked(boss, AlikeQuestion.objects.get(pk=number)).counts for number in counts}
    assert {each["left"] for each in counts.values()} == {0, 1, 2}


def test_no_job_for_who_may_not_look(city: Offices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "AT_ONCE", 0)
    found = asked(city, city.city_office())
    for reader in (city.inspector(), city.department()):  # both see the matter, neither issued it
        with pytest.raises(Refused):
            services.begin(reader, found.pk)
    words = services.ask_words(local_admin(), found.matter_id, Words("问", (city.county.code,)), now())
    with pytest.raises(Problem, match="not_run"):
        services.begin(local_admin(), words.pk)
    assert not Job.objects.filter(kind=services.JOB).exists()


def test_an_answer_given_while_it_is_looked_again_stays(city: Offices, monkeypatch: pytest.MonkeyPatch) -> None:
    boss = city.city_office()
    found = asked(city, boss)
    one = found.subjects.order_by("pk")[0]
    HouseholdLiving.objects.update(water_safe=True)
    monkeypatch.setattr(services, "listed", lambda ids: _answered_first(one.pk, ids))
    services.search(boss, found.pk, now())
    assert [each.pk for each in found.subjects.all()] == [one.pk], "found no more, but answered meanwhile"


def test_a_form_sent_twice_asks_once_and_loses_nothing(city: Offices, django_assert_max_num_queries: Any) -> None:
    city.city_office()
    page, row = Client(), city.issued(now())
    assert page.login(username="city", password=PASSWORD)
    here = reverse("orders:alike", args=[row.pk])
    keys = re.findall(r'name="key" value="([0-9a-f]{32})"', page.get(here).content.decode())
    assert len(set(keys)) == 2
    form = {"do": "words", "text": "是否也有供水不足", "key": keys[1], "areas": city.county.code, "units": "县教育局"}
    wrong = page.post(here, form | {"units": "县教育局\n没有的局"})
    assert wrong.status_code == 404
    assert "县教育局\n没有的局" in wrong.content.decode(), "what was typed stands there still"
    with django_assert_max_num_queries(80) as few:
        assert page.post(here, form).status_code == 302
    most = len(few)  # the next request empties the log
    assert page.post(here, form)["Location"] == here
    assert AlikeQuestion.objects.count() == 1
    query_form = {"do": "query", "base": "/".join(BASE), "text": WATER, "area": city.county.code, "key": keys[0]}
    assert page.post(here, query_form).status_code == 302
    assert page.post(here, query_form).status_code == 302
    assert AlikeQuestion.objects.count() == 2
    many = form | {"key": "", "units": "县教育局\n县政府\n镇政府\n邻县教育局\n市教育局"}
    with django_assert_max_num_queries(most):
        assert page.post(here, many).status_code == 302


def _answered_first(number: int, ids: Any) -> Any:
    """Somebody answers between the reading of the subjects and their change."""
    AlikeSubject.objects.filter(pk=number).update(answer="excluded", note="有井水")
    return list(ids)
