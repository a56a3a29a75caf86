"""Signs: who hangs them over whom, weekly items, what is measured, coming off; the clock; who sees what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rooms.orders.office import BEGIN, DAY, MONDAY, Offices, at
from tuopin.core import supervision
from tuopin.core.calendar import published
from tuopin.duties.assigning import services as assigning
from tuopin.duties.officials import naming
from tuopin.duties.officials import services as officials
from tuopin.orders.hung import clock, items, measuring, page, reach, selectors, services
from tuopin.orders.hung.items import Asked
from tuopin.orders.hung.measuring import Criterion
from tuopin.orders.models import HungEvent, HungItem, HungSign
from tuopin.platform import database, evidence
from tuopin.platform.access import Actor, actor_for, local_admin, system
from tuopin.platform.models import Message, User
from tuopin.platform.models.append_only import AppendOnlyError
from tuopin.platform.problems import Missing, Problem, Refused

if TYPE_CHECKING:
    import datetime

pytestmark = pytest.mark.django_db(transaction=True)
FRIDAY = DAY(2018, 6, 15)
USUAL = (Criterion("late", 0), Criterion("weeks", 2))


class Hung(Offices):
    """The offices, with a supervisor of the city who has an account, and an account of the county's government."""

    def __init__(self) -> None:
        super().__init__()
        self.chief = self.account("chief", "headquarters", "area", self.city.area_id)
        self.supervisor = self.official("督战甲", self.issuer, "副主任", user=self.chief)
        self.second = self.official("督战乙", self.issuer, "主任")
        self.local = self.official("县里的人", self.government, "县长")

    def wanted(self, **more: Any) -> services.Wanted:
        values: dict[str, Any] = {
            "area_id": self.county.area_id, "office_id": self.issuer, "supervisor_id": self.supervisor,
            "title": "教育保障问题挂牌", "reason": "逾期问题多", "criteria": USUAL, "holder_id": self.government,
        }  # fmt: skip
        return services.Wanted(**(values | more))

    def hang(self, now: datetime.datetime | None = None, **more: Any) -> HungSign:
        return services.hang(self.city_office(), self.wanted(**more), now or at(MONDAY))

    def county_office(self) -> Actor:
        """Who answers: a clerk of the county's government."""
        found = User.objects.filter(username="answers").first()
        return actor_for(found) if found else self.actor("answers", "department", "organisation", self.government)

    def asked(
        self, row: HungSign, due: datetime.date = FRIDAY, weeks: int = 1, now: datetime.date = MONDAY
    ) -> HungItem:
        return items.ask(self.city_office(), row.pk, [Asked("报送名单", due, weeks)], at(now))[0]

    def done(self, item: HungItem, day: datetime.date) -> HungItem:
        items.answer(self.county_office(), item.pk, "已报送", at(day), reference="县档案室")
        return items.check(actor_for(self.chief), item.pk, accepted=True, words="", now=at(day, 10))


@pytest.fixture
def city() -> Hung:
    return Hung()


def code_of(caught: pytest.ExceptionInfo[Problem]) -> str:
    return caught.value.code


def test_what_stands_that_day_is_kept(city: Hung) -> None:
    city.issued(at(BEGIN), limit=DAY(2018, 2, 1))
    city.issued(at(MONDAY, 8))
    row = city.hang()
    row.refresh_from_db()
    assert row.figures["open"] == 2
    assert row.figures["late"] == 1
    assert row.figures["closed"] == 0
    assert [each.act for each in row.events.all()] == ["hung"]
    with pytest.raises(AppendOnlyError):
        HungEvent.objects.update(note="")


def test_one_open_sign_each(city: Hung) -> None:
    row = city.hang()
    with pytest.raises(Problem) as caught:
        city.hang()
    assert code_of(caught) == "hung_already"
    city.hang(target="group", source="audit")
    services.withdraw(city.city_office(), row.pk, "挂错了县", at(MONDAY, 11))
    again = city.hang(at(MONDAY, 12))
    assert [each.pk for each in page.view(city.city_office(), again.pk, at(MONDAY, 13)).others] == [row.pk]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"office": "government"}, "not_above"),
        ({"holder": "township"}, "not_its_office"),
        ({"supervisor": "local"}, "handler_supervises"),
        ({"title": ""}, "no_text"), ({"title": "a\nb"}, "bad_text"), ({"reason": " \0"}, "no_text"),
        ({"criteria": ()}, "bad_criteria"), ({"criteria": (Criterion("late"), Criterion("late"))}, "bad_criteria"),
        ({"criteria": (Criterion("left"),)}, "bad_criterion"), ({"criteria": (Criterion("nothing"),)}, "bad_criterion"),
        ({"criteria": (Criterion("share", 101),)}, "bad_bound"), ({"criteria": (Criterion("late", -1),)}, "bad_bound"),
        ({"criteria": (Criterion("weeks", 0),)}, "bad_bound"), ({"criteria": (Criterion("zero"),)}, "bad_criterion"),
        ({"target": "node", "node": "nothing"}, "no_node"), ({"target": "group"}, "bad_group"),
        ({"target": "group", "source": "petition"}, "no_petitions"), ({"target": "x"}, "bad_target"),
        ({"holder_id": None}, "no_holder"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(city: Hung, more: dict[str, Any], code: str) -> None:
    named = {key: value for key, value in more.items() if key not in {"office", "holder", "supervisor"}}
    for key in ("office", "holder", "supervisor"):
        if key in more:
            named[f"{key}_id"] = getattr(city, more[key])
    with pytest.raises(Problem) as caught:
        city.hang(**named)
    assert code_of(caught) == code
    assert not HungSign.objects.exists()


def test_only_from_above_and_within_the_grants(city: Hung) -> None:
    below = city.actor("county", "county", "area", city.county.area_id)
    with pytest.raises(Missing):  # the city's office is not the county's to hang for
        services.hang(below, city.wanted(), at(MONDAY))
    with pytest.raises(Missing):
        services.hang(below, city.wanted(area_id=city.other.area_id), at(MONDAY))
    with pytest.raises(Refused):
        services.hang(city.department(), city.wanted(), at(MONDAY))
    clerk = city.official("县办", city.education, "科长")
    made = services.hang(
        below,
        city.wanted(area_id=city.village.parent_id, office_id=city.education, holder_id=city.township,
                    supervisor_id=clerk),
        at(MONDAY),
    )  # fmt: skip
    assert made.area_id == city.village.parent_id


def test_who_handles_does_not_supervise(city: Hung) -> None:
    row = city.issued(at(BEGIN), official_id=city.supervisor)
    with pytest.raises(Problem) as caught:
        city.hang()
    assert code_of(caught) == "handler_supervises"
    with pytest.raises(Problem) as caught:
        city.hang(target="matter", matter_id=row.pk)
    assert code_of(caught) == "handler_supervises"
    sign = city.hang(target="matter", matter_id=row.pk, supervisor_id=city.second)
    assert (sign.holder_id, sign.area_id) == (city.education, city.county.area_id)
    with pytest.raises(Problem) as caught:
        services.hand_over(city.city_office(), sign.pk, city.supervisor, "轮换", at(MONDAY))
    assert code_of(caught) == "handler_supervises"


def test_a_petition_is_not_there(city: Hung) -> None:
    from rooms.orders.petitioners import taken

    number = taken(city).pk
    with pytest.raises(Missing):
        city.hang(target="matter", matter_id=number)


def test_asked_answered_checked(city: Hung) -> None:
    row = city.hang()
    item = city.asked(row)
    with pytest.raises(Refused):  # neither who hung it nor the supervisor answers
        items.answer(actor_for(city.chief), item.pk, "替答", at(MONDAY), reference="x")
    with pytest.raises(Problem) as caught:
        items.answer(city.county_office(), item.pk, "空口", at(MONDAY))
    assert code_of(caught) == "no_evidence"
    items.answer(city.county_office(), item.pk, "已报送", at(MONDAY), reference="县档案室")
    with pytest.raises(Problem) as caught:
        items.answer(city.county_office(), item.pk, "再答", at(MONDAY), reference="县档案室")
    assert code_of(caught) == "answered_already"
    with pytest.raises(Refused):
        items.check(city.county_office(), item.pk, accepted=True, words="", now=at(MONDAY))
    with pytest.raises(Problem) as caught:  # for the supervisor only by a paper
        items.check(city.city_office(), item.pk, accepted=True, words="", now=at(MONDAY))
    assert code_of(caught) == "no_evidence"
    with pytest.raises(Problem):
        items.check(actor_for(city.chief), item.pk, accepted=False, words="", now=at(MONDAY))
    back = items.check(actor_for(city.chief), item.pk, accepted=False, words="缺名单", now=at(FRIDAY, 10))
    assert back.by == DAY(2018, 6, 21), "Monday is a holiday: three working days are Tuesday to Thursday"
    items.answer(city.county_office(), item.pk, "补报", at(FRIDAY, 11), reference="县档案室")
    items.check(actor_for(city.chief), item.pk, accepted=True, words="属实", now=at(FRIDAY, 12))
    item.refresh_from_db()
    assert (item.state, item.rounds, item.due) == ("accepted", 2, FRIDAY)
    acts = list(HungEvent.objects.filter(item=item).order_by("pk").values_list("act", flat=True))
    assert acts == ["answered", "returned", "answered", "accepted"]
    proved = HungEvent.objects.filter(item=item, act="answered").values_list("pk", flat=True)
    assert {each.reference for each in evidence.of("hung", list(proved))} == {"县档案室"}


def test_nobody_checks_an_answer_of_his_own(city: Hung) -> None:
    row = city.hang()
    item = city.asked(row)
    items.answer(system(), item.pk, "已报送", at(MONDAY), reference="县档案室")
    with pytest.raises(Refused):
        items.check(system(), item.pk, accepted=True, words="", now=at(MONDAY), reference="签字件")
    items.check(local_admin(), item.pk, accepted=True, words="", now=at(MONDAY), reference="签字件")


@pytest.mark.parametrize(
    ("due", "weeks", "code"),
    [
        (DAY(2018, 6, 18), 1, "day_off"), (DAY(2018, 6, 16), 1, "day_off"), (DAY(2018, 10, 3), 1, "day_off"),
        (DAY(2018, 6, 8), 1, "bad_due"), (DAY(2020, 1, 2), 1, "bad_due"), (FRIDAY, 0, "bad_weeks"),
        (FRIDAY, 13, "bad_weeks"),
    ],
)  # fmt: skip
def test_days_that_cannot_be(city: Hung, due: datetime.date, weeks: int, code: str) -> None:
    row = city.hang()
    with pytest.raises(Problem) as caught:
        city.asked(row, due, weeks)
    assert code_of(caught) == code


def test_a_week_over_a_holiday(city: Hung) -> None:
    row = city.hang(at(DAY(2018, 9, 10)))
    made = items.ask(city.city_office(), row.pk, [Asked("周报", DAY(2018, 9, 17), 4)], at(DAY(2018, 9, 10)))
    # 24 September is a holiday: the week's last working day, a Sunday worked in lieu; the first week of October is off
    assert [each.due for each in made] == [DAY(2018, 9, 17), DAY(2018, 9, 30), DAY(2018, 10, 8)]
    found = supervision.weeks(row.hung_on, None, [], published(), DAY(2018, 10, 9))
    assert [each.state for each in found] == ["running", "rest", "unasked", "unasked"]


def test_a_year_that_is_not_published(city: Hung, monkeypatch: pytest.MonkeyPatch) -> None:
    from tuopin.platform import working_days

    now = at(DAY(2035, 9, 26))
    row = city.hang(now)
    item = items.ask(city.city_office(), row.pk, [Asked("周报", DAY(2035, 10, 2))], now)[0]
    assert item.provisional, "nobody knows yet which days of 2035 are off"
    week = page.view(city.city_office(), row.pk, now).weeks[0]
    assert week.week.provisional
    off = [DAY(2035, 10, day) for day in range(1, 8)]
    monkeypatch.setattr(working_days, "calendar", lambda: published().with_year(2035, off))
    clock.tell(system(), at(DAY(2035, 10, 1)))
    item.refresh_from_db()
    assert (item.due, item.by, item.provisional) == (DAY(2035, 10, 2), DAY(2035, 10, 8), False)
    assert HungEvent.objects.get(item=item).data == {"was": "2035-10-02", "by": "2035-10-08"}


def test_asked_twice(city: Hung) -> None:
    row = city.hang()
    city.asked(row)
    with pytest.raises(Problem) as caught:
        city.asked(row)
    assert code_of(caught) == "asked_already"
    lines = [Asked(f"第 {at_} 项", FRIDAY) for at_ in range(20)]
    with pytest.raises(Problem) as caught:
        items.ask(city.city_office(), row.pk, lines, at(MONDAY))
    assert code_of(caught) == "too_many"
    with pytest.raises(Problem):
        items.ask(city.city_office(), row.pk, [], at(MONDAY))


def test_what_is_late_cannot_be_dropped(city: Hung) -> None:
    row = city.hang()
    item = city.asked(row)
    with pytest.raises(Problem) as caught:
        items.drop(city.city_office(), item.pk, "不要了", at(DAY(2018, 6, 19)))
    assert code_of(caught) == "not_now"
    items.drop(city.city_office(), item.pk, "写错了", at(MONDAY))
    weeks = measuring.weeks_of(row, row.items.all(), published(), DAY(2018, 6, 19))
    assert [each.state for each in weeks] == ["running", "unasked"], "a dropped item is no week done"


def test_off_by_whoever_hung_it_alone(city: Hung) -> None:
    city.issued(at(BEGIN), limit=DAY(2018, 2, 1))
    row = city.hang()
    with pytest.raises(Refused):
        services.take_off(city.county_office(), row.pk, "都好了", at(MONDAY))
    with pytest.raises(Problem) as caught:
        services.take_off(city.city_office(), row.pk, "", at(MONDAY))
    assert code_of(caught) == "not_reached"
    assert caught.value.details["criteria"] == ["late", "weeks"]
    with pytest.raises(Problem) as caught:
        services.take_off(city.city_office(), row.pk, "省里要求", at(MONDAY), seen=row.version + 1)
    assert code_of(caught) == "changed_meanwhile"
    done = services.take_off(city.city_office(), row.pk, "省里要求", at(MONDAY))
    assert (done.state, done.ended_on) == ("off", MONDAY)
    event = HungEvent.objects.get(act="off")
    assert event.data["against"] == ["late", "weeks"]
    assert [each["verdict"] for each in event.data["measured"]] == ["not_met", "not_met"]
    for again in (services.take_off, services.withdraw):
        with pytest.raises(Problem) as caught:
            again(city.city_office(), row.pk, "再来", at(MONDAY))
        assert code_of(caught) == "sign_ended"
    with pytest.raises(Problem):
        city.asked(row)


def test_off_when_all_is_reached(city: Hung) -> None:
    row = city.hang()
    first = city.asked(row, FRIDAY, 2)
    second = HungItem.objects.exclude(pk=first.pk).get()
    city.done(first, FRIDAY)
    city.done(second, DAY(2018, 6, 21))
    found = page.view(city.city_office(), row.pk, at(DAY(2018, 6, 25))).criteria
    assert [each.verdict for each in found] == ["met", "met"]
    services.take_off(city.city_office(), row.pk, "", at(DAY(2018, 6, 25)))
    assert HungEvent.objects.get(act="off").data["against"] == []


def test_unknown_is_not_met(city: Hung) -> None:
    """A problem without a limit may be late; where nothing was judged since, nobody knows the households."""
    from tuopin.orders import services as matters

    criteria = (Criterion("late", 0), Criterion("unmet", 0), Criterion("share", 100), Criterion("zero", day=FRIDAY))
    empty = city.hang(criteria=criteria)
    found = {each.criterion.kind: each.verdict for each in page.view(city.city_office(), empty.pk, at(MONDAY)).criteria}
    assert found == {"late": "met", "unmet": "unknown", "share": "unknown", "zero": "met"}
    city.issued(at(MONDAY))
    [draft] = matters.draft(city.city_office(), [city.draft(title="没有时限的")], at(MONDAY))
    from tuopin.orders.models import LedgerEntry

    LedgerEntry.objects.create(
        matter=draft, keeper_id=city.county.area_id, source="audit", label="7", recorded_at=at(MONDAY)
    )
    found = {each.criterion.kind: each.verdict for each in page.view(city.city_office(), empty.pk, at(MONDAY)).criteria}
    assert found == {"late": "unknown", "unmet": "unknown", "share": "not_met", "zero": "not_met"}


def test_a_matter_that_was_merged_is_followed(city: Hung) -> None:
    one, other = city.issued(at(BEGIN)), city.issued(at(BEGIN), title="另一件")
    row = city.hang(target="matter", matter_id=one.pk, criteria=(Criterion("open", 0),))
    city.act(city.city_office(), "merge", one, at(MONDAY), note="重复", into_id=other.pk)
    [found] = page.view(city.city_office(), row.pk, at(MONDAY)).criteria
    assert (found.found.zh, found.verdict) == ("1 件", "not_met")
    city.act(city.city_office(), "withdraw", other, at(MONDAY), note="撤")
    [found] = page.view(city.city_office(), row.pk, at(MONDAY)).criteria
    assert found.verdict == "unknown", "what was withdrawn is not closed"


def messages(kind: str) -> list[tuple[str, str]]:
    rows = Message.objects.filter(kind=kind).order_by("pk")
    return [(row.user.username, row.key.partition(":")[2].partition(":")[2]) for row in rows.select_related("user")]


def test_the_clock_tells_each_stage_once(city: Hung) -> None:
    city.county_office()
    row = city.hang()
    item = city.asked(row)
    day_before = DAY(2018, 6, 14)
    for moment in (at(DAY(2018, 6, 13)), at(day_before), at(day_before), at(FRIDAY)):
        clock.tell(system(), moment)
    due = [each for each in messages("orders.hung_due") if each[1].startswith("due:")]
    assert due == [("answers", f"due:{item.pk}:2018-06-15")]
    clock.tell(system(), at(DAY(2018, 6, 16)))
    clock.tell(system(), at(DAY(2018, 6, 17)))
    late = [each for each in messages("orders.hung_late") if each[1].startswith("late:")]
    assert sorted(late) == [("answers", f"late:{item.pk}:2018-06-15"), ("chief", f"late:{item.pk}:2018-06-15")]
    clock.tell(system(), at(DAY(2018, 6, 25)))  # the fifth working day after, with a holiday between
    assert any(each[1].startswith("late_again:") for each in messages("orders.hung_late"))
    told = Message.objects.count()
    clock.tell(system(), at(DAY(2018, 6, 25)))
    assert Message.objects.count() == told
    items.answer(city.county_office(), item.pk, "已报送", at(DAY(2018, 6, 26)), reference="县档案室")
    assert (
        not Message.objects.filter(about=f"hung_item:{item.pk}", done_at=None)
        .exclude(kind="orders.hung_check")
        .exists()
    )
    clock.tell(system(), at(DAY(2018, 6, 29)))
    assert [each[0] for each in messages("orders.hung_check") if each[1].startswith("check:")] == ["chief"]


def test_after_downtime_the_last_stage_alone(city: Hung) -> None:
    city.county_office()
    row = city.hang()
    city.asked(row)
    clock.tell(system(), at(DAY(2018, 7, 30)))
    kinds = {each[1].split(":")[0] for each in messages("orders.hung_late")}
    assert kinds == {"late_again", "unasked"}
    assert not [each for each in messages("orders.hung_due") if each[1].startswith("due:")]


def test_a_week_in_which_nothing_was_asked_is_told(city: Hung) -> None:
    row = city.hang(at(DAY(2018, 9, 10)))
    for day in range(10, 31):
        clock.tell(system(), at(DAY(2018, 9, day)))
    for day in range(1, 10):
        clock.tell(system(), at(DAY(2018, 10, day)))
    told = sorted({each[1] for each in messages("orders.hung_late") if each[0] == "chief"})
    # neither the week of the hanging nor the week without a working day
    assert told == ["unasked:2018-09-17", "unasked:2018-09-24"]
    services.withdraw(city.city_office(), row.pk, "挂错", at(DAY(2018, 10, 10)))
    assert clock.tell(system(), at(DAY(2018, 12, 10))) == 0


def test_who_leaves_hands_over_first(city: Hung) -> None:
    row = city.hang(supervisor_id=city.second)
    with pytest.raises(Problem) as caught:
        assigning.leave(local_admin(), city.second, {}, day=DAY(2018, 7, 1))
    assert code_of(caught) == "hand_over_first"
    services.hand_over(city.city_office(), row.pk, city.supervisor, "调离", at(MONDAY))
    assigning.leave(local_admin(), city.second, {}, day=DAY(2018, 7, 1))
    view = page.view(city.city_office(), row.pk, at(MONDAY))
    assert view.lines[0].more is not None
    assert view.lines[0].more.zh == "督战乙 → 督战甲"


def test_a_supervisor_out_of_office_is_told(city: Hung) -> None:
    row = city.hang(supervisor_id=city.second)
    term = officials.Term.objects.get(official_id=city.second)
    officials.end_term(local_admin(), term.pk, day=DAY(2018, 6, 20))
    clock.tell(system(), at(DAY(2018, 6, 25)))
    assert any(each[1].startswith("vacant:") for each in messages("orders.hung_late"))
    assert page.view(city.city_office(), row.pk, at(DAY(2018, 6, 25))).vacant


def test_a_supervisor_who_is_two_entries(city: Hung) -> None:
    row = city.hang(supervisor_id=city.second)
    with database.write():
        [other] = naming.named([("督战乙", "市扶贫办", "1")]).values()
        naming.merge(other, [city.second])
    row.refresh_from_db()
    assert row.supervisor_id == other


def test_another_county_sees_nothing(city: Hung) -> None:
    row = city.hang()
    other = city.actor("other", "county", "area", city.other.area_id)
    assert not selectors.signs(other).exists()
    with pytest.raises(Missing):
        page.view(other, row.pk, at(MONDAY))
    for act in (
        lambda: services.withdraw(other, row.pk, "x", at(MONDAY)),
        lambda: items.answer(other, city.asked(row).pk, "x", at(MONDAY), reference="x"),
    ):
        with pytest.raises(Missing):
            act()
    assert selectors.signs(city.county_office()).count() == 1
    assert reach.parts(city.county_office(), [row])[row.pk] == {"holder"}


def test_nothing_is_owed_once_it_came_off(city: Hung) -> None:
    row = city.hang()
    city.asked(row, FRIDAY, 2)
    services.take_off(city.city_office(), row.pk, "省里要求", at(DAY(2018, 6, 13)))
    view = page.view(city.city_office(), row.pk, at(DAY(2018, 9, 1)))
    assert [(each.title.zh, each.items[0].late) for each in view.weeks] == [("– 已结束", 0), ("– 已结束", 0)]
    assert not any(item.answers or item.checks or item.drops for each in view.weeks for item in each.items)
