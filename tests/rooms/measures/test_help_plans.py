"""Help plans: versions that are never changed, the household's answer with its paper, what was done against them."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction

from people import account, signed_in
from tuopin.measures.plans import selectors
from tuopin.measures.plans.models import HelpPlan, HouseholdHelp, MeasureDone, PlanAnswer, PlannedMeasure
from tuopin.measures.plans.services import Done, Draft, Wanted, answer, keep, record_done, take_back
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.database import data_version
from tuopin.platform.models import Evidence
from tuopin.platform.problems import Missing, Problem
from tuopin.register.codes import code_list
from tuopin.register.models import Household
from tuopin.register.selectors import household as household_of
from tuopin.standards.packs import get_prepared
from tuopin.standards.services import evaluate

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuopin.measures.plans.states import PlanView

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("register")]

COUNTY, EAST, WEST = "990101000000", "990101100000", "990101101000"
TODAY = datetime.date(2018, 12, 1)
PIGS = Wanted(
    "industry", "养猪两头", "县畜牧局", datetime.date(2018, 10, 31), cost=300_000, business=400_000, mends=("income",)
)
DOCTOR = Wanted("health", "签约家庭医生", "乡卫生院", datetime.date(2018, 6, 30), policy="family_doctor")
PDF = b"%PDF-1.4 signed"
CAUSE = code_list("cause")[0][0]


def draft(code: str = "9901", *measures: Wanted, **more: Any) -> Draft:
    household = Household.objects.get(code=code)
    return Draft(household.pk, 2018, (CAUSE,), measures or (PIGS,), **more)


def kept(*drafts: Draft) -> list[HelpPlan]:
    return keep(local_admin(), list(drafts) or [draft()])


def signed(plan: HelpPlan) -> None:
    answer(local_admin(), [plan.pk], "signed", TODAY, reference="村部档案柜")


def shown(code: str = "9901") -> list[PlanView]:
    return selectors.plans_of(local_admin(), household_of(local_admin(), code), 2018, TODAY)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Problem) as found:
        act()
    return found.value.code


def test_from_the_draft_to_what_was_done() -> None:
    (plan,) = kept(draft("9901", PIGS, DOCTOR))
    assert shown()[0].state == "drafted"
    signed(plan)
    assert shown()[0].state == "signed"
    assert [each.state for each in shown()[0].measures] == ["late", "late"]
    pigs = PlannedMeasure.objects.get(plan=plan, number=1)
    record_done(local_admin(), [Done(pigs.pk, datetime.date(2018, 9, 1), 280_000, "发票 12", "已出栏")])
    (view,) = shown()
    assert [each.state for each in view.measures] == ["done", "late"]
    assert (view.sums["cost"], view.sums["paid"], view.sums["business"]) == (None, 280_000, 400_000)


def test_a_set_of_plans_is_one_act_with_a_fixed_number_of_statements(django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(25):
        plans = kept(draft("9901"), draft("9902", DOCTOR), draft("9903"))
    assert [plan.version for plan in plans] == [1, 1, 1]


def test_a_new_version_keeps_the_numbers_and_what_was_done() -> None:
    (first,) = kept(draft("9901", PIGS, DOCTOR))
    signed(first)
    pigs = PlannedMeasure.objects.get(plan=first, number=1)
    record_done(local_admin(), [Done(pigs.pk, TODAY)])
    sheep = replace(PIGS, content="养羊五只")
    (second,) = kept(draft("9901", replace(PIGS, number=1), sheep, seen=1, reason="换项目"))
    newest, before = shown()
    assert (newest.state, before.state) == ("drafted", "superseded")
    assert [(each.measure.number, each.state) for each in newest.measures] == [(1, "done"), (3, "late")]
    assert first.digest != second.digest
    assert refused(lambda: record_done(local_admin(), [Done(pigs.pk, TODAY)])) == "not_newest"
    assert refused(lambda: signed(first)) == "not_newest"


def test_what_is_written_stays(django_db_blocker: object) -> None:
    (plan,) = kept()
    signed(plan)
    for table in ("measures_help_plan", "measures_planned_measure", "measures_plan_answer"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table}")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"year": 1990}, "bad_plan"),
        ({"causes": ("=cmd|calc",)}, "bad_plan"),
        ({"measures": ()}, "bad_plan"),
        ({"measures": (PIGS,) * 41}, "bad_plan"),
        ({"measures": (replace(PIGS, sort="gold"),)}, "bad_plan"),
        ({"measures": (replace(PIGS, content=" "),)}, "bad_plan"),
        ({"measures": (replace(PIGS, content="长" * 301),)}, "bad_plan"),
        ({"measures": (replace(PIGS, due=datetime.date(2028, 1, 1)),)}, "bad_plan"),
        ({"measures": (replace(PIGS, cost=-1),)}, "bad_plan"),
        ({"measures": (replace(PIGS, person_id=10**9),)}, "bad_plan"),
        ({"measures": (replace(PIGS, policy="nothing"),)}, "bad_plan"),
        ({"measures": (replace(PIGS, mends=("luck",)),)}, "bad_plan"),
        ({"measures": (replace(PIGS, number=7),)}, "bad_plan"),
        ({"seen": 3, "reason": "x"}, "changed_meanwhile"),
    ],
)
def test_a_wrong_draft_is_refused_and_nothing_is_written(changed: dict[str, Any], code: str) -> None:
    assert refused(lambda: keep(local_admin(), [draft("9902"), replace(draft(), **changed)])) == code
    assert not HelpPlan.objects.exists()


def test_answers_need_their_proof_and_come_once() -> None:
    (plan,) = kept()
    admin = local_admin()
    assert refused(lambda: answer(admin, [plan.pk], "signed", TODAY)) == "no_paper"
    assert refused(lambda: answer(admin, [plan.pk], "refused", TODAY)) == "no_reason"
    assert refused(lambda: answer(admin, [plan.pk], "maybe", TODAY, note="x")) == "bad_answer"
    assert refused(lambda: answer(admin, [plan.pk], "signed", datetime.date(2100, 1, 1), reference="x")) == "bad_day"
    pigs = PlannedMeasure.objects.get()
    assert refused(lambda: record_done(admin, [Done(pigs.pk, TODAY)])) == "not_signed"
    answer(admin, [plan.pk], "refused", TODAY, note="不想养猪")
    assert shown()[0].state == "refused"
    assert refused(lambda: signed(plan)) == "answered_already"
    assert refused(lambda: record_done(admin, [Done(pigs.pk, TODAY)])) == "not_signed"
    assert PlanAnswer.objects.count() == 1


def test_a_wrong_entry_is_taken_back_once_and_stays_readable() -> None:
    (plan,) = kept()
    signed(plan)
    pigs = PlannedMeasure.objects.get()
    (row,) = record_done(local_admin(), [Done(pigs.pk, TODAY, 1)])
    take_back(local_admin(), row.pk)
    assert shown()[0].measures[0].state == "late"
    assert refused(lambda: take_back(local_admin(), row.pk)) == "taken_back_already"
    assert MeasureDone.objects.count() == 2


def test_nobody_writes_for_households_outside_the_grants() -> None:
    east = actor_for(account("east", "township", EAST))
    with pytest.raises(Missing):
        keep(east, [draft("9901"), draft("9902")])
    (west,) = kept(draft("9902"))
    for act in (
        lambda: answer(east, [west.pk], "signed", TODAY, reference="x"),
        lambda: record_done(east, [Done(PlannedMeasure.objects.get().pk, TODAY)]),
    ):
        with pytest.raises(Missing):
            act()
    reader = actor_for(account("hq", "headquarters", COUNTY))
    with pytest.raises(Problem):
        keep(reader, [draft("9901")])


# -- the page -----------------------------------------------------------------------------------------------------

PAGE = "/measures/plans/9901/?year=2018"
FORM = {
    "do": "keep", "seen": "0", "sort-0": "industry", "content-0": "养猪两头", "organisation-0": "县畜牧局",
    "due-0": "2018-10-31", "cost-0": "3000", "business-0": "4,000.50", "mends-0": "income", "content-1": "",
    "organisation-1": "",
}  # fmt: skip


def test_the_page_takes_a_plan_the_signed_paper_and_what_was_done() -> None:
    clerk = signed_in(account("clerk", "township", EAST, "health"))
    assert "还没有帮扶计划" in clerk.get(PAGE).content.decode()
    assert clerk.post(PAGE, FORM).status_code == 302
    plan = HelpPlan.objects.get()
    assert PlannedMeasure.objects.get().business == 400_050
    paper = SimpleUploadedFile("签字.pdf", PDF)
    given = {"do": "answer", "plan": plan.pk, "kind": "signed", "day": "2018-12-01", "paper": paper}
    assert clerk.post(PAGE, given).status_code == 302
    done = {"do": "done", "measure": PlannedMeasure.objects.get().pk, "day": "2018-11-01", "cost": "2800"}
    assert clerk.post(PAGE, done).status_code == 302
    page = clerk.get(PAGE).content.decode()
    for text in ("养猪两头", "已落实", "2,800.00", "已签字"):
        assert text in page
    file = Evidence.objects.get()
    answered = clerk.get(f"/measures/plans/9901/papers/{file.pk}/")
    assert b"".join(answered.streaming_content) == PDF
    assert "attachment" in answered["Content-Disposition"]
    other = signed_in(account("west", "township", WEST, "health"))
    assert other.get(PAGE).status_code == 404
    assert other.get(f"/measures/plans/9901/papers/{file.pk}/").status_code == 404


@pytest.mark.parametrize(
    "changed",
    [
        {"cost-0": "１２ab"}, {"due-0": "31/31"}, {"cost-0": "9" * 40}, {"seen": "x", "person-0": "x"}, {"do": "x"},
        {"sort-0": "<script>", "content-0": "<script>alert(1)</script>"}, {"number-0": "99999999999999999999"},
    ],
)  # fmt: skip
def test_hostile_forms_are_refused(changed: dict[str, str]) -> None:
    clerk = signed_in(account("clerk", "township", EAST))
    answered = clerk.post(PAGE, FORM | changed)
    assert answered.status_code == 400
    page = answered.content.decode()
    assert "<script>alert" not in page
    assert "县畜牧局" in page or "do" in changed  # what was typed is still there
    assert not HelpPlan.objects.exists()


def test_measures_of_health_are_told_to_those_alone_who_may_know() -> None:
    kept(draft("9901", PIGS, DOCTOR))
    plain = signed_in(account("plain", "township", EAST))
    page = plain.get(PAGE).content.decode()
    assert "养猪两头" in page
    assert "签约家庭医生" not in page
    assert "未向您开放" in page
    assert 'value="keep"' not in page  # the next version would lose what this reader does not see
    doctor = signed_in(account("doctor", "township", EAST, "health"))
    assert "签约家庭医生" in doctor.get(PAGE).content.decode()


def test_the_list_of_households_is_narrowed_by_the_state_of_the_plan() -> None:
    (mine, other) = kept(draft("9901"), draft("9903"))
    signed(mine)
    clerk = signed_in(account("clerk", "county", COUNTY))

    def listed(state: str) -> list[str]:
        page = clerk.get(f"/households/?area={COUNTY}&plan={state}").content.decode()
        return [code for code in ("9901", "9902", "9903") if f'/households/{code}/"' in page]

    assert (listed("signed"), listed("drafted")) == (["9901"], ["9903"])
    assert (listed("none"), listed("refused")) == (["9902"], [])
    assert listed("late") == ["9901", "9903"]
    record_done(local_admin(), [Done(PlannedMeasure.objects.get(plan=mine).pk, TODAY)])
    assert listed("late") == ["9903"]
    assert other.version == 1
    household = clerk.get("/households/9901/").content.decode()
    assert "打开帮扶计划" in household


# -- facts that follow --------------------------------------------------------------------------------------------


def help_facts(code: str = "9901") -> list[tuple[str, int, int, bool]]:
    found = HouseholdHelp.objects.filter(household__code=code, superseded_at=None).order_by("as_of")
    return [
        (each.as_of.isoformat(), each.measure_count, each.industry_measures, each.helped_into_work) for each in found
    ]


def test_facts_follow_signature_and_what_was_done_and_come_back_when_it_is_taken_back() -> None:
    (plan,) = kept(draft("9901", PIGS, DOCTOR))
    assert help_facts() == []
    before = data_version()
    signed(plan)
    assert data_version() > before
    pigs, doctor = PlannedMeasure.objects.filter(plan=plan).order_by("number")
    (row,) = record_done(local_admin(), [Done(pigs.pk, datetime.date(2018, 12, 1))])
    record_done(local_admin(), [Done(pigs.pk, datetime.date(2018, 12, 3)), Done(doctor.pk, datetime.date(2018, 12, 3))])
    assert help_facts() == [("2018-12-01", 1, 1, True), ("2018-12-03", 2, 1, True)]
    take_back(local_admin(), row.pk)
    assert help_facts() == [("2018-12-01", 0, 0, False), ("2018-12-03", 2, 1, True)]
    assert HouseholdHelp.objects.exclude(superseded_at=None).count() == 2


def test_items_that_waited_for_measures_are_judged() -> None:
    """The rule of the industry pack reads what the plan says; who has signed no plan is unknown."""
    (plan,) = kept(draft("9901", PIGS))
    signed(plan)
    record_done(local_admin(), [Done(PlannedMeasure.objects.get().pk, TODAY)])
    run = evaluate(local_admin(), "industry_household", pack="industry", day=TODAY)
    at = 1 + run.items.index("industry_help")
    letters = dict(run.verdicts.values_list("subject_id", "letters"))
    found = {code: letters[key][at] for key, code in Household.objects.values_list("pk", "code")}
    assert (found["9901"], found["9903"]) == ("m", "u")
    prepared = get_prepared("industry", "industry_household", TODAY)
    assert {each.key: each.kind for each in prepared.draft}.get("industry_measures") is None


def test_who_is_not_told_of_all_takes_nothing_out_and_writes_nothing_against_it() -> None:
    clerk = actor_for(account("clerk2", "township", EAST))
    (plan,) = kept(draft("9901", PIGS, DOCTOR))
    signed(plan)
    mine = draft("9901", replace(PIGS, number=1), seen=1, reason="改")
    assert refused(lambda: keep(clerk, [mine])) == "plan_not_whole"
    doctor = PlannedMeasure.objects.get(plan=plan, sort="health")
    with pytest.raises(Missing):
        record_done(clerk, [Done(doctor.pk, TODAY)])
    (row,) = record_done(local_admin(), [Done(doctor.pk, TODAY)])
    with pytest.raises(Missing):
        take_back(clerk, row.pk)
    (other,) = kept(draft("9903"))
    (after,) = keep(clerk, [replace(draft("9903", replace(PIGS, number=1), seen=1, reason="改"), causes=())])
    assert (other.causes, after.causes) == (CAUSE, CAUSE)  # causes tell of illness: not his to take out


def test_a_form_that_was_sent_twice_is_one_entry() -> None:
    (plan,) = kept()
    signed(plan)
    pigs = Done(PlannedMeasure.objects.get(plan=plan).pk, TODAY, 100_000, "发票 1")
    (row,) = record_done(local_admin(), [pigs])
    assert refused(lambda: record_done(local_admin(), [pigs])) == "done_twice"
    assert refused(lambda: record_done(local_admin(), [replace(pigs, document="2")] * 2)) == "done_twice"
    take_back(local_admin(), row.pk)
    assert record_done(local_admin(), [pigs])
