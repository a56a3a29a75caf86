"""Like for like, when its matter, a problem that it opened or an area that was asked is no more; and who hears."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people import PASSWORD
from rooms.orders.test_alike import ILL, asked, now, query, with_health, without_water
from tuopin.orders.alike import answering, clock, selectors, services
from tuopin.orders.alike.answering import Answer
from tuopin.orders.alike.services import Words
from tuopin.orders.area_uses import uses_of_areas
from tuopin.orders.models import AlikeQuestion, AlikeSubject, Matter, MatterSubject
from tuopin.platform import evidence
from tuopin.platform.access import actor_for, local_admin, system
from tuopin.platform.accounts import services as accounts
from tuopin.platform.models import Grant, Message, User
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.events.areas.given import Given, Line
from tuopin.register.events.areas.services import record as change_areas
from tuopin.register.models import HouseholdLiving
from tuopin.standards import asking

if TYPE_CHECKING:
    from rooms.orders.office import Offices
    from tuopin.platform.access import Actor

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city() -> Offices:
    return without_water()


def put(city: Offices, until: datetime.date | None = None, **more: Any) -> AlikeQuestion:
    """The city asks the county and its department."""
    boss = city.city_office()
    row = city.issued(now(), area_id=city.city.area_id, **more)
    words = Words("是否也有", (city.county.code,), (city.education,), until)
    return services.ask_words(boss, row.pk, words, now())


def clerk_of(city: Offices) -> Actor:
    return city.actor("clerk", "county", "area", city.county.area_id)


def messages() -> list[tuple[str, str, bool]]:
    rows = Message.objects.filter(kind="orders.alike").select_related("user").order_by("key", "user__username")
    return [(row.user.username, row.key.split(":")[2], row.done_at is None) for row in rows]


def test_nobody_waits_for_answers_about_what_is_no_more(city: Offices) -> None:
    boss, clerk = city.city_office(), clerk_of(city)
    found = put(city)
    [mine, _unit] = found.subjects.order_by("pk")
    search = asked(city, boss, row=found.matter)
    assert selectors.waiting(clerk).count() == 2
    city.act(boss, "withdraw", found.matter, now(), note="错")
    assert selectors.waiting(clerk).count() == 0
    assert not [each for each in uses_of_areas([city.county.area_id], []) if "待原区划答复" in each.title.zh]
    with pytest.raises(Problem, match="question_ended"):
        answering.answer(clerk, found.pk, mine.pk, Answer(1, "", "档案室"), now())
    with pytest.raises(Problem, match="question_ended"):
        answering.exclude(boss, search.pk, search.subjects.order_by("pk")[0].pk, "不是", now())
    with pytest.raises(Problem, match="not_run"):
        services.search(boss, search.pk, now())
    page = Client()
    assert page.login(username="clerk", password=PASSWORD)
    text = page.get(reverse("orders:alike_one", args=[found.pk])).content.decode()
    assert "不再答复" in text
    assert 'value="answer"' not in text
    clock.look(system(), now())
    assert not AlikeQuestion.objects.filter(ended_at=None).exists()
    assert not [each for each in messages() if each[2]]


def test_an_answer_about_what_was_withdrawn_opens_nothing(city: Offices) -> None:
    boss, clerk = city.city_office(), clerk_of(city)
    found = put(city)
    mine = found.subjects.order_by("pk")[0]
    answering.answer(clerk, found.pk, mine.pk, Answer(1, "", "档案室"), now())
    city.act(boss, "withdraw", found.matter, now(), note="错")
    with pytest.raises(Problem, match="question_ended"):
        answering.confirm(boss, found.pk, mine.pk, city.township, now())


def test_what_was_withdrawn_is_opened_anew(city: Offices) -> None:
    """Neither does another question point to it, nor is the one that opened it stuck with it."""
    boss = city.city_office()
    found = asked(city, boss)
    again = asked(city, boss, row=found.matter)
    household = city.here[0].pk
    one, other = found.subjects.get(household=household), again.subjects.get(household=household)
    first = answering.confirm(boss, found.pk, one.pk, city.township, now()).opened
    assert first is not None
    with pytest.raises(Problem, match="answered_already"):
        answering.confirm(boss, found.pk, one.pk, city.township, now())
    city.act(boss, "withdraw", first, now(), note="开错")
    second = answering.confirm(boss, again.pk, other.pk, city.township, now()).opened
    assert second is not None
    assert (second.pk != first.pk, second.state) == (True, "issued")
    page = Client()
    assert page.login(username="city", password=PASSWORD)
    text = page.get(reverse("orders:alike_one", args=[found.pk]), {"group": "confirmed"}).content.decode()
    assert "请重新确认" in text
    assert 'value="confirm"' in text
    taken = answering.confirm(boss, found.pk, one.pk, None, now()).opened
    assert taken == second, "the one that is worked on is taken"
    city.act(boss, "withdraw", second, now(), note="又开错")
    answering.exclude(boss, again.pk, other.pk, "不是", now())
    assert AlikeSubject.objects.get(pk=other.pk).opened_id is None


def test_an_answer_that_found_some_is_opened_anew(city: Offices) -> None:
    boss, clerk = city.city_office(), clerk_of(city)
    found = put(city)
    unit = found.subjects.order_by("pk")[1]
    answering.answer(city.department(), found.pk, unit.pk, Answer(2, "", "档案室"), now())
    first = answering.confirm(boss, found.pk, unit.pk, None, now()).opened
    assert first is not None
    assert (first.state, first.holder_id) == ("issued", city.education), "of a unit that is asked it is the holder"
    with pytest.raises(Problem, match="answered_already"):
        answering.confirm(boss, found.pk, unit.pk, None, now())
    city.act(boss, "withdraw", first, now(), note="开错")
    second = answering.confirm(boss, found.pk, unit.pk, None, now()).opened
    assert second is not None
    assert second.pk != first.pk
    assert selectors.waiting(clerk).count() == 1


def test_the_form_says_who_gets_it(city: Offices) -> None:
    found = put(city)
    for one, who in zip(found.subjects.order_by("pk"), (clerk_of(city), city.department()), strict=True):
        answering.answer(who, found.pk, one.pk, Answer(2, "", "档案室"), now())
    page = Client()
    assert page.login(username="city", password=PASSWORD)
    text = page.get(reverse("orders:alike_one", args=[found.pk]), {"group": "answered"}).content.decode()
    assert text.count("不填即交给答复的单位") == 1
    assert text.count("不填先存草稿") == 1


def test_no_file_is_kept_for_an_answer_that_is_refused(city: Offices, monkeypatch: pytest.MonkeyPatch) -> None:
    clerk_of(city)
    found = put(city)
    mine = found.subjects.order_by("pk")[0]
    kept: list[str] = []
    keep = evidence.keep

    def counted(file: SimpleUploadedFile) -> evidence.Kept:
        kept.append(file.name or "")
        return keep(file)

    monkeypatch.setattr(evidence, "keep", counted)
    page, address = Client(), reverse("orders:alike_one", args=[found.pk])
    assert page.login(username="clerk", password=PASSWORD)

    def send(**fields: object) -> int:
        file = SimpleUploadedFile("自查.pdf", b"%PDF-1.4 x")
        form = {"do": "answer", "subject": mine.pk, "count": "1", "paper": file}
        return page.post(address, form | fields).status_code

    assert send(count="-1") == 400
    assert send(note="x" * 501) == 400
    assert send(subject=2**40) == 404
    assert kept == []
    assert send() == 302
    assert kept == ["自查.pdf"]
    assert send() == 400
    assert kept == ["自查.pdf"], "nor for a second answer"


def test_who_is_asked_hears_once_and_is_reminded_once(city: Offices) -> None:
    clerk, unit = clerk_of(city), city.department()
    day = datetime.date(2018, 6, 15)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(services, "LONGEST_UNTIL", 10**6)
        found = put(city, timezone.localdate() + datetime.timedelta(days=30))
    assert messages() == [("clerk", "asked", True), ("teacher", "asked", True)]
    assert not Message.objects.filter(kind="orders.alike", title_zh__contains="是否也有").exists()
    answering.answer(unit, found.pk, found.subjects.get(unit=city.education).pk, Answer(0, "", "档案室"), now())
    assert messages() == [("clerk", "asked", True), ("teacher", "asked", False)]
    AlikeQuestion.objects.update(until=day)
    early, before = (datetime.datetime(2018, 6, each, 9, tzinfo=datetime.UTC) for each in (13, 14))
    assert [clock.look(system(), each) for each in (early, before, before)] == [0, 1, 0]
    assert messages() == [("clerk", "asked", True), ("teacher", "asked", False), ("clerk", "due", True)]
    mine = found.subjects.get(area=city.county.area_id)
    answering.answer(clerk, found.pk, mine.pk, Answer(0, "", "档案室"), now())
    assert not [each for each in messages() if each[2]]


def test_who_cannot_answer_hears_nothing(city: Offices) -> None:
    clerk_of(city)
    city.account("viewer", "auditor", "area", city.county.area_id)
    gone, past = (city.account(each, "county", "area", city.county.area_id) for each in ("gone", "past"))
    User.objects.filter(pk=gone.pk).update(is_active=False)
    Grant.objects.filter(user=past).update(valid_to=timezone.localdate())
    put(city)
    assert {name for name, _what, _open in messages()} == {"clerk"}


def test_what_is_asked_no_more_leaves_no_message(city: Offices) -> None:
    clerk_of(city)
    found = put(city)
    services.end(city.city_office(), found.pk, now())
    assert messages()
    assert not [each for each in messages() if each[2]]


def test_the_successor_of_a_merged_area_answers_for_it(city: Offices) -> None:
    boss = city.city_office()
    row = city.issued(now(), area_id=city.city.area_id)
    found = services.ask_words(boss, row.pk, Words("是否也有", (city.other.code,)), now())
    clerk = clerk_of(city)
    assert selectors.waiting(clerk).count() == 0
    line = Line("merged", timezone.localdate(), city.other.code, code=city.county.code)
    change_areas(local_admin(), Given((line,), "批文一号"))
    clerk = actor_for(User.objects.get(username="clerk"))
    [theirs] = selectors.waiting(clerk)
    assert theirs.area_id == city.other.area_id
    AlikeQuestion.objects.update(until=timezone.localdate())
    clock.look(system(), now())
    assert ("clerk", "due", True) in messages()
    answering.answer(clerk, found.pk, theirs.pk, Answer(1, "", "档案室"), now())
    assert answering.confirm(boss, found.pk, theirs.pk, None, now()).opened is not None


# -- merged into another ----------------------------------------------------------------------------------------------


def test_questions_go_over_with_their_matter(city: Offices) -> None:
    """Who was asked answers for the one that goes on; the same is asked of nobody twice, and opens one problem."""
    boss, clerk = city.city_office(), clerk_of(city)
    first, second = put(city), put(city, title="另一件")
    [county, _unit] = first.subjects.order_by("pk")
    answering.answer(clerk, first.pk, county.pk, Answer(1, "", "档案室"), now())
    opened = answering.confirm(boss, first.pk, county.pk, None, now()).opened
    search = asked(city, boss, row=first.matter)
    home = search.subjects.exclude(household=None).order_by("pk")[0]
    MatterSubject.objects.create(matter=second.matter, household_id=home.household_id)
    city.act(boss, "merge", first.matter, now(), note="重复", into_id=second.matter_id)
    assert set(AlikeQuestion.objects.values_list("matter_id", flat=True)) == {second.matter_id}
    assert not AlikeSubject.objects.filter(pk=home.pk).exists(), "the matter is about it by now"
    assert AlikeSubject.objects.filter(pk=county.pk, answer="answered").exists(), "what was answered stays"
    left = AlikeSubject.objects.filter(question__in=[first, second], answer="")
    assert [one.unit_id for one in left] == [city.education], "the county has answered, the department is asked once"
    assert [one.unit_id for one in selectors.waiting(clerk)] == [city.education]
    assert tuple(clock.look(system(), now()) for _ in range(2)) == (0, 0), "nothing ended"
    again = services.ask_words(boss, second.matter_id, Words("再查一遍", (city.county.code,)), now())
    [one] = again.subjects.all()
    answering.answer(clerk, again.pk, one.pk, Answer(2, "", "档案室"), now())
    assert answering.confirm(boss, again.pk, one.pk, None, now()).opened == opened


@pytest.mark.parametrize("source", ["audit", "petition"])
def test_what_a_petition_said_is_not_asked_of_others_by_a_merge(city: Offices, source: str) -> None:
    boss, clerk = city.city_office(), clerk_of(city)
    row, into = put(city, source="petition"), city.issued(now(), title="另一件", source=source)
    city.act(boss, "merge", row.matter, now(), note="重复", into_id=into.pk)
    assert AlikeQuestion.objects.get().matter_id == (into.pk if source == "petition" else row.matter_id)
    assert selectors.waiting(clerk).count() == (2 if source == "petition" else 0)


# -- what came from a petition ----------------------------------------------------------------------------------------


def test_a_question_about_what_came_from_a_petition_is_read_by_who_was_asked(city: Offices) -> None:
    clerk = clerk_of(city)
    row = put(city, source="petition")
    [mine, _unit] = row.subjects.order_by("pk")
    answering.answer(clerk, row.pk, mine.pk, Answer(1, "张家也这样", "档案室"), now())
    viewer = city.account("viewer", "auditor", "area", city.city.area_id)
    reader, said = Client(), ("是否也有", "张家也这样", row.matter.title)
    assert reader.login(username=viewer.username, password=PASSWORD)
    pages = [reverse("orders:alike", args=[row.matter_id]), reverse("orders:alike_one", args=[row.pk])]
    for page in pages:
        answer = reader.get(page)
        assert answer.status_code == 200
        assert not [each for each in said if each in answer.content.decode()]
    assert selectors.subjects(actor_for(viewer), row).count() == 0
    for name in ("city", "clerk"):
        who = Client()
        assert who.login(username=name, password=PASSWORD)
        assert "是否也有" in who.get(pages[1]).content.decode()
    Matter.objects.update(source="audit")
    assert "是否也有" in reader.get(pages[1]).content.decode()


def test_who_was_asked_reads_a_question_though_the_matter_itself_stays_closed(city: Offices) -> None:
    """Asked by the city of a village that may not act upon the matter: it reads what is asked, not the matter."""
    row = put(city, source="petition")
    services.ask_words(city.city_office(), row.matter_id, Words("贵村有无此事", (city.village.code,)), now())
    here = AlikeQuestion.objects.exclude(pk=row.pk).get()
    [own] = here.subjects.all()
    village = city.actor("village", "township", "area", city.village.area_id)
    assert list(selectors.subjects(village, here)) == [own]
    browser = Client()
    assert browser.login(username="village", password=PASSWORD)
    page = browser.get(reverse("orders:alike_one", args=[here.pk])).content.decode()
    assert "贵村有无此事" in page
    assert row.matter.title not in page
    assert selectors.subjects(village, row).count() == 0, "what others were asked is not theirs"


def test_whoever_gets_what_is_like_it_is_not_told_what_a_petition_said(city: Offices) -> None:
    row, clerk = put(city, source="petition"), clerk_of(city)
    county = row.subjects.get(area_id=city.county.area_id)
    answering.answer(clerk, row.pk, county.pk, Answer(1, "", "档案室"), now())
    made = answering.confirm(city.city_office(), row.pk, county.pk, city.township, now()).opened
    assert made is not None
    opened = Matter.objects.select_related("text").get(pk=made.pk)
    assert (opened.title, opened.category, opened.parent_id) == (answering.CLOSED_TITLE, "", None)
    assert str(row.matter_id) not in opened.text.text


# -- who may, and who reads -------------------------------------------------------------------------------------------


def test_nobody_is_asked_outside_the_grants(city: Offices) -> None:
    clerk, own = clerk_of(city), city.issued(now(), issuer_id=city.government)
    here, there = (city.county.code, city.education), (city.other.code, city.elsewhere)
    for words in (Words("问", there[:1]), Words("问", (), there[1:]), Words("问", (here[0], there[0]))):
        with pytest.raises(Missing, match="no_such_target"):
            services.ask_words(clerk, own.pk, words, now())
    assert services.ask_words(clerk, own.pk, Words("问", here[:1], here[1:]), now()).subjects.count() == 2


def test_who_sees_the_matter_ends_no_question(city: Offices) -> None:
    row = put(city)
    for reader in (city.inspector(), city.department()):
        with pytest.raises(Refused):
            services.end(reader, row.pk, now())
    row.refresh_from_db()
    assert row.ended_at is None


def test_who_did_not_issue_the_matter_decides_nothing(city: Offices) -> None:
    row = asked(city, city.city_office())
    one = row.subjects.order_by("pk")[0]
    for reader in (city.inspector(), city.department()):
        for attempt in (
            lambda who=reader: answering.confirm(who, row.pk, one.pk, None, now()),
            lambda who=reader: answering.exclude(who, row.pk, one.pk, "有井水", now()),
        ):
            with pytest.raises(Refused):
                attempt()
    one.refresh_from_db()
    assert (one.answer, one.opened_id) == ("", None)


def test_beside_a_part_of_what_is_not_for_the_actor_it_is_opened_by_itself(city: Offices) -> None:
    whole = city.issued(now(), area_id=city.city.area_id, holder_id=city.city_education)
    part, clerk = city.issued(now(), issuer_id=city.government, parent_id=whole.pk), clerk_of(city)
    row = asked(city, clerk, row=part, as_part=False)
    made = answering.confirm(clerk, row.pk, row.subjects.order_by("pk")[0].pk, None, now()).opened
    assert made is not None
    assert made.parent_id is None
    boss = city.city_office()
    row = asked(city, boss, row=city.issued(now(), parent_id=whole.pk), as_part=False)
    made = answering.confirm(boss, row.pk, row.subjects.order_by("pk")[0].pk, None, now()).opened
    assert made is not None
    assert made.parent_id == whole.pk


def test_who_only_reads_over_an_area_is_not_asked(city: Offices) -> None:
    row, viewer = put(city), city.actor("viewer", "auditor", "area", city.county.area_id)
    county = row.subjects.get(area_id=city.county.area_id)
    assert selectors.waiting(viewer).count() == 0
    for attempt in (
        lambda: selectors.question(viewer, row.pk),
        lambda: answering.answer(viewer, row.pk, county.pk, Answer(0, "", "档案室"), now()),
    ):
        with pytest.raises(Missing):
            attempt()


def test_who_was_asked_reads_what_was_put_to_others_below_no_more_than_the_matter(city: Offices) -> None:
    boss, row = city.city_office(), city.issued(now(), area_id=city.city.area_id)
    found = services.ask_words(
        boss, row.pk, Words("问", (city.county.code, city.village.code), (city.township,)), now()
    )
    clerk = clerk_of(city)
    assert not selectors.sees_matter(clerk, found)
    assert [one.area_id for one in selectors.subjects(clerk, found)] == [city.county.area_id]
    assert (selectors.asked(clerk, found).total, selectors.asked(boss, found).total) == (1, 3)


def test_who_asked_or_sees_what_was_answered_does_not_answer(city: Offices) -> None:
    row = put(city)
    county = row.subjects.get(area_id=city.county.area_id)
    for reader in (city.city_office(), city.inspector()):
        assert county in selectors.subjects(reader, row)
        with pytest.raises(Missing):
            answering.answer(reader, row.pk, county.pk, Answer(0, "", "档案室"), now())
    assert selectors.waiting(clerk_of(city)).count() == 2


def test_a_class_opened_over_a_part_opens_no_condition_over_the_whole(city: Offices) -> None:
    row = city.issued(now())
    user = User.objects.get(username="city")
    accounts.grant(local_admin(), user, "headquarters", "area", city.village.area_id)
    Grant.objects.filter(user=user, scope_id=city.village.area_id).update(field_classes=["general", "health"])
    boss = actor_for(user)
    with pytest.raises(Refused, match="closed_classes"):
        services.ask_query(boss, row.pk, query(city, ILL), now())
    assert asked(city, boss, ILL, row=row, area=city.village.code).classes == ["health"]


def test_run_again_it_rests_on_what_its_words_rest_on_by_now(city: Offices, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new version of the standard may let a name rest on a closed class: then it is closed to who lacks that."""
    boss, checker = with_health(city), city.inspector()
    row = asked(city, boss)
    assert not selectors.asked(checker, row).closed
    monkeypatch.setattr(asking, "classes_of", lambda _found: frozenset({"health"}))
    services.search(boss, row.pk, now())
    row.refresh_from_db()
    told = selectors.asked(checker, row)
    assert (row.classes, told.closed, told.total) == (["health"], True, 0)


def test_what_is_ended_while_it_is_run_finds_nobody(city: Offices, monkeypatch: pytest.MonkeyPatch) -> None:
    boss, run = city.city_office(), asking.run
    row = asked(city, boss)
    before = set(row.subjects.values_list("household_id", flat=True))
    HouseholdLiving.objects.update(water_safe=False)

    def ended_first(*given: Any) -> Any:
        services.end(boss, row.pk, now())
        return run(*given)

    monkeypatch.setattr(asking, "run", ended_first)
    with pytest.raises(Problem, match="not_run"):
        services.search(boss, row.pk, now())
    assert set(row.subjects.values_list("household_id", flat=True)) == before
