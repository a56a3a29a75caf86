"""Bulk assignment: plans are drafts; applied in one transaction or not at all; stale ones name what changed."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from officials import assigned
from rooms.duties.place import ALWAYS, Place
from tuopin.duties.assigning import gaps
from tuopin.duties.assigning import services as assigning
from tuopin.duties.models import Absence, Assignment, Official, OfficialTie, Term
from tuopin.duties.officials import services as officials
from tuopin.duties.organisations import services as organisations
from tuopin.duties.planning import ground, selectors, services
from tuopin.duties.planning.asking import Asked, asked
from tuopin.duties.planning.ground import apart
from tuopin.duties.planning.models import AssignmentPlan, PlanHelper, PlanLine
from tuopin.duties.planning.staleness import changes
from tuopin.platform.access import local_admin
from tuopin.platform.models import AuditEntry
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.models import Residence, StatusPeriod

pytestmark = pytest.mark.django_db

DAY = datetime.date(2019, 5, 1)
WEEK = datetime.timedelta(days=7)


@pytest.fixture
def place() -> Place:
    made = Place()
    for each in (*made.here, *made.there):
        StatusPeriod.objects.create(household=each, axis="registration", value="registered", valid_from=ALWAYS)
    return made


def people(place: Place, *names: str, unit: str = "县财政局") -> list[int]:
    rows = [(name, unit, str(at)) for at, name in enumerate(names)]
    return officials.add_officials(local_admin(), rows, area_id=place.county.area_id, day=DAY)


def wish(place: Place, **more: Any) -> Asked:
    given = {
        "area": place.county.code, "day": DAY.isoformat(), "only": "all", "statuses": "poor", "pool": "area",
        "bounds": {"": [0, 4]},
    }  # fmt: skip
    return asked({**given, **more})


def made(place: Place, **more: Any) -> AssignmentPlan:
    return services.make(local_admin(), wish(place, **more))


def code(call: Any) -> str:
    with pytest.raises(Problem) as raised:
        call()
    return raised.value.code


def test_a_plan_covers_all_and_writes_nothing(place: Place) -> None:
    first, second = people(place, "张伟", "李娜")
    plan = made(place)
    assert (plan.state, plan.households, plan.officials, selectors.gap(plan)) == ("draft", 6, 2, 0)
    assert selectors.counts(plan) == {"new": 6, "changed": 0, "kept": 0, "left": 0, "edited": 0}
    assert sorted(PlanHelper.objects.filter(plan=plan).values_list("official_id", "after")) == [(first, 3), (second, 3)]
    assert [(each.households, each.before, each.after) for each in selectors.loads(plan)] == [(0, 2, 0), (3, 0, 2)]
    assert Assignment.objects.count() == 0
    assert AuditEntry.objects.get(action="duties.plan_duties").subject == f"assignment_plan:{plan.pk}"
    assert "张伟" not in "".join(AuditEntry.objects.values_list("detail", flat=True))


def test_applying_is_one_act(place: Place) -> None:
    first, second = people(place, "张伟", "李娜")
    gone = assigned("王强", "县医院", household=place.here[0])
    Absence.objects.create(official_id=gone.official_id, kind="seconded", document="通知", valid_from=ALWAYS)
    kept = assigning.begin(local_admin(), {place.here[1].pk: first}, role="helper", day=DAY - WEEK)[0]
    plan = made(place)
    assert selectors.counts(plan) == {"new": 4, "changed": 1, "kept": 1, "left": 0, "edited": 0}
    assert plan.figures["unfit"] == {"absent": 1}
    assert services.apply(local_admin(), plan.pk) == 5
    live = Assignment.objects.filter(valid_to=None, role="helper")
    assert live.count() == 6
    assert set(live.values_list("official_id", flat=True)) == {first, second}
    assert live.get(household=place.here[1]).pk == kept
    gone.refresh_from_db()
    assert gone.valid_to == DAY
    assert live.get(household=place.here[0]).valid_from == DAY
    assert set(PlanLine.objects.filter(plan=plan).exclude(kind="kept").values_list("made", flat=True)) == set(
        live.exclude(pk=kept).values_list("pk", flat=True)
    )
    assert code(lambda: services.apply(local_admin(), plan.pk)) == "not_a_draft"


def test_only_gaps_leaves_all_others(place: Place) -> None:
    (first,) = people(place, "张伟")
    assigned("王强", "县医院", household=place.here[0])
    plan = made(place, only="gaps", bounds={"": [0, 9]})
    assert plan.households == 5
    assert set(PlanLine.objects.values_list("kind", flat=True)) == {"new"}
    services.apply(local_admin(), plan.pk)
    assert Assignment.objects.filter(official_id=first, valid_to=None).count() == 5


def test_bounds_count_what_the_plan_does_not_touch(place: Place) -> None:
    (first,) = people(place, "张伟")
    for each in place.there[:3]:
        assigned("张伟", "县财政局", "0", household=each)
    plan = made(place)
    row = PlanHelper.objects.get(plan=plan, official_id=first)
    assert (row.others, row.most, row.after) == (3, 1, 1)
    assert selectors.counts(plan)["left"] == 5
    assert "还差 5 户" in plan.figures["shortages"][0][0]
    assert services.apply(local_admin(), plan.pk) == 1


def test_relatives_and_the_poor_are_not_chosen(place: Place) -> None:
    first, second = people(place, "张伟", "李娜")
    OfficialTie.objects.create(
        official_id=first, household=place.here[0], relation="kin", document="申报", valid_from=ALWAYS
    )
    OfficialTie.objects.create(
        official_id=second, household=place.there[0], relation="own", document="申报", valid_from=ALWAYS
    )
    plan = made(place, bounds={"": [0, 9]})
    assert plan.figures["unfit"] == {"poor": 1}
    assert selectors.counts(plan) == {"new": 5, "changed": 0, "kept": 0, "left": 1, "edited": 0}
    assert PlanLine.objects.get(plan=plan, kind="left").household_id == place.here[0].pk


def test_a_stale_plan_names_what_changed(place: Place) -> None:
    _first, second = people(place, "张伟", "李娜")
    plan = made(place)
    assigned("王强", "县医院", household=place.here[0])
    Residence.objects.filter(household=place.here[1]).update(area=place.away.area)
    Absence.objects.create(official_id=second, kind="sick", document="假条", valid_from=DAY)
    OfficialTie.objects.create(
        official_id=PlanLine.objects.get(plan=plan, household=place.here[2]).after_id, household=place.here[2],
        relation="kin", document="申报", valid_from=ALWAYS,
    )  # fmt: skip
    found = {each.kind: each for each in changes(local_admin(), plan, selectors.area_of(plan))}
    assert {key: each.count for key, each in found.items()} == {"holder": 1, "moved": 1, "tied": 1, "unfit": 1}
    assert found["holder"].codes == (place.here[0].code,)
    with pytest.raises(Problem) as raised:
        services.apply(local_admin(), plan.pk)
    assert raised.value.code == "plan_is_stale"
    assert Assignment.objects.count() == 1
    plan.refresh_from_db()
    assert plan.state == "draft"


def test_who_came_since_stops_nothing(place: Place) -> None:
    people(place, "张伟", "李娜")
    Residence.objects.filter(household=place.here[5]).update(valid_to=DAY)
    plan = made(place)
    Residence.objects.filter(household=place.here[5]).update(valid_to=None)
    assert [(each.kind, each.count) for each in changes(local_admin(), plan, selectors.area_of(plan))] == [("new", 1)]
    assert services.apply(local_admin(), plan.pk) == 5


def test_lines_are_edited_within_the_rules(place: Place) -> None:
    first, second = people(place, "张伟", "李娜")
    (outside,) = officials.add_officials(local_admin(), [("赵敏", "", "")], area_id=place.other.area_id, day=DAY)
    plan = made(place, bounds={"": [0, 4]})
    line = PlanLine.objects.filter(plan=plan, after=first).select_related("household").first()
    assert line is not None
    where = line.household.code
    services.edit(local_admin(), plan.pk, where, second)
    line.refresh_from_db()
    assert (line.after_id, line.edited, line.kind) == (second, True, "new")
    assert sorted(PlanHelper.objects.filter(plan=plan).values_list("official_id", "after")) == [(first, 2), (second, 4)]
    plan.refresh_from_db()
    assert plan.cost == plan.bound + 1  # one above the even share
    assert plan.figures["parts"]["over"] == 1
    other = PlanLine.objects.filter(plan=plan, after=first).select_related("household").first()
    assert other is not None
    again = other.household.code
    assert code(lambda: services.edit(local_admin(), plan.pk, again, second)) == "caseload_full"
    assert code(lambda: services.edit(local_admin(), plan.pk, again, outside)) == "not_in_pool"
    OfficialTie.objects.create(
        official_id=first, household=line.household, relation="kin", document="申报", valid_from=ALWAYS
    )
    assert code(lambda: services.edit(local_admin(), plan.pk, where, first)) == "tied"
    with pytest.raises(Missing):
        services.edit(local_admin(), plan.pk, place.there[0].code, first)
    services.edit(local_admin(), plan.pk, where, None)
    plan.refresh_from_db()
    assert selectors.gap(plan) is None  # the bound is none for plans that leave somebody out
    assert services.apply(local_admin(), plan.pk) == 5


def test_refusing_needs_a_reason_and_drops_the_lines(place: Place) -> None:
    people(place, "张伟", "李娜")
    plan = made(place)
    assert code(lambda: services.refuse(local_admin(), plan.pk, " ")) == "no_reason"
    services.refuse(local_admin(), plan.pk, "人手不够")
    assert PlanLine.objects.count() == PlanHelper.objects.count() == 0
    assert code(lambda: services.apply(local_admin(), plan.pk)) == "not_a_draft"


def test_what_was_applied_goes_back(place: Place) -> None:
    _first, _second = people(place, "张伟", "李娜")
    old = assigned("王强", "县医院", household=place.here[0])
    plan = made(place, pool="units", names=["县财政局"])
    services.apply(local_admin(), plan.pk)
    assert code(lambda: services.hand_back(local_admin(), plan.pk, day=DAY, reason="有误")) == "day_too_early"
    assert services.hand_back(local_admin(), plan.pk, day=DAY + WEEK, reason="有误") == 6
    live = Assignment.objects.filter(valid_to=None)
    assert [(row.household_id, row.official_id) for row in live] == [(place.here[0].pk, old.official_id)]
    assert Assignment.objects.count() == 1 + 6 + 1
    plan.refresh_from_db()
    assert (plan.state, plan.reason) == ("undone", "有误")


def test_what_has_changed_since_does_not_go_back_as_a_whole(place: Place) -> None:
    first, _second = people(place, "张伟", "李娜")
    plan = made(place)
    services.apply(local_admin(), plan.pk)
    line = PlanLine.objects.filter(plan=plan, after=first).first()
    assert line is not None
    assigning.end(local_admin(), [line.made], day=DAY + WEEK)  # type: ignore[list-item]
    assert (
        code(lambda: services.hand_back(local_admin(), plan.pk, day=DAY + 2 * WEEK, reason="有误")) == "changed_since"
    )
    assert Assignment.objects.filter(valid_to=None).count() == 5


def test_a_pool_of_units_or_of_names(place: Place) -> None:
    people(place, "张伟", "李娜")
    people(place, "张伟", "王强", unit="县教育局")
    assert made(place, pool="units", names=["县教育局"]).officials == 2
    assert made(place, pool="list", names=["李娜", "张伟 县教育局"]).officials == 2
    assert code(lambda: made(place, pool="list", names=["张伟"])) == "which_official"
    assert code(lambda: made(place, pool="units", names=["县医院"])) == "nobody_to_choose"


def test_beyond_the_own_county_there_is_nothing(place: Place) -> None:
    clerk = place.clerk()
    people(place, "张伟", "李娜")
    mine = services.make(clerk, wish(place))
    with pytest.raises(Missing):
        services.make(clerk, wish(place, area=place.other.code))
    with pytest.raises(Missing):
        services.make(clerk, wish(place, area=place.city.code))
    officials.add_officials(local_admin(), [("赵敏", "", "")], area_id=place.other.area_id, day=DAY)
    theirs = made(place, area=place.other.code, bounds={"": [0, 9]})
    for act in (services.apply, lambda actor, key: services.refuse(actor, key, "不")):
        with pytest.raises(Missing):
            act(clerk, theirs.pk)
    assert list(selectors.plans(clerk)) == [mine]
    assert {each.plan_id for each in selectors.lines(clerk)} == {mine.pk}
    with pytest.raises((Refused, Missing)):
        services.make(place.clerk("village"), wish(place))
    assert services.apply(clerk, mine.pk) == 6


@pytest.mark.parametrize(
    "wrong",
    [
        {"day": "9999-12-31"}, {"day": "0000-00-00"}, {"day": None}, {"only": "x"}, {"pool": 3}, {"bounds": {}},
        {"bounds": {"": [3, 2]}}, {"bounds": {"": [0, 10**9]}}, {"bounds": {"x": [0, 1]}}, {"bounds": {"": "ab"}},
        {"weights": {"change": -1}}, {"weights": {"x": 1}}, {"names": ["a"] * 5_001}, {"reach": 9}, {"role": "watcher"},
        {"bounds": {"": [[], {}]}},
    ],
)  # fmt: skip
def test_what_cannot_be_asked(place: Place, wrong: dict[str, Any]) -> None:
    with pytest.raises(Problem):
        wish(place, **wrong)


@pytest.mark.parametrize(
    ("bound", "said"),
    [
        ("MOST_HOUSEHOLDS", "too_many_households"),
        ("MOST_OFFICIALS", "too_many_officials"),
        ("MOST_PAIRS", "too_many_pairs"),
    ],
)
def test_too_much_at_once_is_refused(place: Place, monkeypatch: pytest.MonkeyPatch, bound: str, said: str) -> None:
    people(place, "张伟", "李娜")
    monkeypatch.setattr(ground, bound, 0)
    assert code(lambda: made(place)) == said
    assert not AssignmentPlan.objects.exists()


def test_steps_of_distance() -> None:
    village = "00000001000000020000000300000004"
    assert [apart(village[:length], village) for length in (32, 24, 16, 8)] == [0, 1, 2, 3]
    assert apart(village[:24] + "00000009", village) == 1
    assert apart("", village) == 3


def test_statements_do_not_grow(place: Place, django_assert_max_num_queries: Any) -> None:
    people(place, *(f"干部{at}" for at in range(30)))
    with django_assert_max_num_queries(40):
        plan = made(place)
    with django_assert_max_num_queries(70):
        services.apply(local_admin(), plan.pk)
    assert Official.objects.count() == 30


def test_words_of_a_plan_name_villages(place: Place) -> None:
    people(place, "张伟")
    zh, en = made(place, bounds={"": [0, 2]}).figures["shortages"][0]
    assert place.village.code in zh  # its name here
    assert place.village.path not in zh + en


def test_who_is_out_of_office_is_not_chosen_and_leaves_a_gap(place: Place) -> None:
    first, second = people(place, "张伟", "李娜")
    assigning.begin(
        local_admin(), {place.here[0].pk: first, place.here[1].pk: second}, role="helper", day=DAY - WEEK
    )  # fmt: skip
    office = organisations.found_organisation(
        local_admin(), "县财政局", "department", area_id=place.county.area_id, day=ALWAYS
    )
    post = organisations.add_post(local_admin(), office, "科员", day=ALWAYS)
    Term.objects.create(official_id=first, post_id=post, valid_from=ALWAYS, valid_to=DAY)
    plan = made(place, only="gaps", bounds={"": [0, 9]})
    assert plan.figures["unfit"] == {"left": 1}
    assert selectors.counts(plan) == {"new": 4, "changed": 1, "kept": 0, "left": 0, "edited": 0}
    services.apply(local_admin(), plan.pk)
    assert gaps.report(local_admin(), place.village, DAY)[0].roles["helper"].missing == 0


def test_what_is_left_as_it_is_counts_for_who_keeps_it(place: Place) -> None:
    first, second = people(place, "张伟", "李娜")
    assigning.begin(local_admin(), {place.here[0].pk: first}, role="helper", day=DAY - WEEK)
    plan = made(place, bounds={"": [0, 3]})
    services.edit(local_admin(), plan.pk, place.here[0].code, None)
    assert selectors.staying(plan) == {first: 1}
    line = PlanLine.objects.filter(plan=plan, after=second).select_related("household").first()
    assert line is not None
    assert code(lambda: services.edit(local_admin(), plan.pk, line.household.code, first)) == "caseload_full"
    services.edit(local_admin(), plan.pk, place.here[0].code, first)  # but back to who has it
