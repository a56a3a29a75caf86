"""Procedures on households: what freezes, what follows what, what the end changes; many at once, and two at once."""

from __future__ import annotations

import datetime
import shutil
import threading
from pathlib import Path

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

import tuopin.packs
from people import account
from rooms.standards.procedures.steps import (
    COUNTY,
    DAY,
    EAST,
    KEY,
    VILLAGE,
    WAY,
    WEST,
    area,
    begun,
    doing,
    four,
    ids,
    take,
)
from tuopin.core.calendar import WorkingCalendar
from tuopin.core.standards import Judge
from tuopin.platform.access import Actor, actor_for, local_admin
from tuopin.platform.home import home
from tuopin.platform.models import AuditEntry, Evidence
from tuopin.platform.models.append_only import AppendOnlyError
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.correcting.services import Change, Why, correct
from tuopin.register.models import AreaVersion, Designation, HouseholdCard, StatusChange, StatusPeriod, VillageCondition
from tuopin.standards.packs import get_prepared
from tuopin.standards.procedures import definitions, freezing, selectors, services, subjects, weighing
from tuopin.standards.procedures.models import Procedure, ProcedureAct, ProcedureText
from tuopin.standards.services import bind_pack

pytestmark = pytest.mark.django_db(transaction=True)

LAST_BUT_ONE = WAY[:-1]


@pytest.fixture(autouse=True)
def _four(tmp_path: Path) -> None:
    four(tmp_path)


def clerk(role: str, code: str) -> Actor:
    return actor_for(account(f"{role}{code}", role, code))


def status(code: str) -> list[tuple[str, datetime.date, datetime.date | None]]:
    found = StatusPeriod.objects.filter(household__code=code, axis="registration").order_by("valid_from")
    return list(found.values_list("value", "valid_from", "valid_to"))


def refusal(rows: list[Procedure], step: str, outcome: str, offset: int, by: str = "甲") -> str:
    seen = {row.pk: Procedure.objects.get(pk=row.pk).acts for row in rows}
    with pytest.raises(Problem) as caught:
        services.act(local_admin(), seen, doing(step, outcome, offset, by))
    return str(caught.value.details.get("reason", caught.value.code))


# -- from the start to the end ----------------------------------------------------------------------------------------


def test_the_status_changes_when_the_last_step_is_done_and_not_before() -> None:
    [row] = begun("9901")
    take([row], *LAST_BUT_ONE)
    assert status("9901") == [("registered", DAY, None)], "one step is left"
    assert take([row], WAY[-1]) == 1
    end = DAY + datetime.timedelta(days=12)
    assert status("9901") == [("registered", DAY, end), ("exited", end, None)]
    assert HouseholdCard.objects.get(code="9901").registration == "exited"
    change = StatusChange.objects.get()
    assert (change.household_id, change.old, change.new, change.day) == (row.subject_id, "registered", "exited", end)
    assert change.origin == f"procedure:{row.pk}"
    assert change.reason
    row.refresh_from_db()
    assert (row.state, row.step, row.ended_on, row.due) == ("completed", "", end, None)


def test_what_was_frozen_says_years_later_why() -> None:
    [row] = begun("9901")
    before = row.frozen
    assert before["overall"] == "met"
    income = next(item for item in before["items"] if item["key"] == "income")
    assert income["limits"][0]["value"]["zh"]
    assert {cell["name"] for cell in income["cells"]} >= {"wage", "transfer"}
    assert before["pack_digest"] == get_prepared(row.pack, row.standard, DAY).pack.digest
    correct(local_admin(), [Change("household", row.subject_id, "wage", 1_00)], Why(DAY))
    kept = Procedure.objects.get(pk=row.pk)
    assert kept.frozen == before, "a correction changes the register, not what was decided on"
    assert freezing.is_whole(kept.frozen, kept.frozen_digest)
    prepared = get_prepared(row.pack, row.standard, DAY)
    again = Judge(prepared)(_encoded(kept.frozen["inputs"]))
    assert dict(again.items) == {item["key"]: item["verdict"] for item in before["items"]}
    changed = kept.frozen | {"overall": "not_met"}
    assert not freezing.is_whole(changed, kept.frozen_digest)


def _encoded(inputs: object) -> dict[str, object]:
    """Inputs as the interpreter takes them: days are days again."""

    def back(key: str, value: object) -> object:
        if isinstance(value, list):
            return [_encoded(each) for each in value]
        if isinstance(value, str) and key.endswith(("__as_of", "_date")):
            return datetime.date.fromisoformat(value)
        return value

    assert isinstance(inputs, dict)
    return {key: back(key, value) for key, value in inputs.items()}


def test_who_does_not_meet_the_standard_does_not_begin() -> None:
    with pytest.raises(Problem) as caught:
        begun("9901", "9904")
    assert caught.value.code == "refused"
    assert "9904" in caught.value.zh
    assert "收入" in caught.value.zh
    assert not Procedure.objects.exists(), "all of a set or none"


def test_unknown_is_not_met() -> None:
    correct(local_admin(), [Change("household", ids("9901")[0], "water_safe", None)], Why(DAY))
    [found] = weighing.weigh_start(local_admin(), definitions.definition(area(), DAY, KEY), ids("9901"), DAY)
    assert found.refusal is not None
    assert found.refusal.code == "unknown"


def test_one_runs_at_a_time_and_a_withdrawn_one_may_begin_anew() -> None:
    [row] = begun("9901")
    with pytest.raises(Problem, match="9901"):
        begun("9901")
    with pytest.raises(Problem, match="no_reason"):
        services.withdraw(local_admin(), {row.pk: 0}, " ", DAY)
    assert services.withdraw(local_admin(), {row.pk: 0}, "登记有误", DAY) == 1
    assert status("9901") == [("registered", DAY, None)]
    assert refusal([row], *WAY[0]) == "withdrawn"
    assert begun("9901")


def test_no_step_is_skipped_dated_before_the_last_or_after_today() -> None:
    [row] = begun("9901")
    assert refusal([row], "verify", "confirmed", 1) == "skipped"
    assert refusal([row], "review", "passed", -1) == "before_previous"
    assert refusal([row], "review", "passed", (timezone.localdate() - DAY).days + 1) == "future"
    take([row], *WAY[:4])
    assert refusal([row], "objections", "none", 9) == "too_early"
    row.refresh_from_db()
    assert row.earliest == DAY + datetime.timedelta(days=10)
    assert ProcedureAct.objects.filter(procedure=row).count() == 4


def test_a_refusal_to_sign_is_looked_at_by_somebody_else() -> None:
    [row] = begun("9901")
    take([row], *WAY[:2], ("consent", "refused", 2))
    assert refusal([row], "recheck", "upheld", 3, by="甲") == "same_person"
    services.act(local_admin(), {row.pk: 3}, doing("recheck", "upheld", 3, by="乙"))
    assert Procedure.objects.get(pk=row.pk).step == "consent_again"
    services.act(local_admin(), {row.pk: 4}, doing("consent_again", "refused", 4, by="张三"))
    row.refresh_from_db()
    assert (row.state, status("9901")) == ("stopped", [("registered", DAY, None)])


def test_the_helper_named_in_the_ledger_does_not_re_check() -> None:
    from officials import assigned

    [row] = begun("9901")
    assigned("乙", household_id=row.subject_id, valid_from=DAY)
    take([row], *WAY[:2], ("consent", "refused", 2))
    assert refusal([row], "recheck", "upheld", 3, by="乙") == "same_person"


def test_nothing_is_complete_if_the_register_says_otherwise_meanwhile() -> None:
    [row] = begun("9901")
    take([row], *LAST_BUT_ONE)
    StatusPeriod.objects.filter(household_id=row.subject_id).update(value="cancelled")
    with pytest.raises(Problem) as caught:
        take([row], WAY[-1])
    assert caught.value.code == "other_status"
    row.refresh_from_db()
    assert (row.state, row.step, row.acts) == ("running", "removed", 6), "neither half was done"


def test_a_pack_that_changes_changes_nothing_that_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    [row] = begun("9901")
    text = row.definition.text.replace("days = 7", "days = 30")
    monkeypatch.setattr(definitions, "_files", lambda _folder: ())
    take([row], *WAY)
    row.refresh_from_db()
    assert row.state == "completed"
    assert text != row.definition.text


def test_a_provisional_day_is_counted_again_once_the_calendar_is_out(monkeypatch: pytest.MonkeyPatch) -> None:
    row, other = begun("9901", "9902")
    text = row.definition.text.replace("days = 7", "working_days = 7")
    kept = ProcedureText.objects.create(digest="f" * 64, pack="national", key=KEY, text=text)
    Procedure.objects.update(definition=kept)
    unpublished = WorkingCalendar(frozenset(), frozenset(), frozenset())
    with monkeypatch.context() as before:
        before.setattr(services.working_days, "calendar", lambda: unpublished)
        take([row, other], *WAY[:3], ("posted", "posted", 25))  # 2018-12-26, with New Year's Day before the end
    row.refresh_from_db()
    assert (row.earliest, row.provisional) == (datetime.date(2019, 1, 4), True)
    monkeypatch.setattr(services, "MOST", 1)
    assert services.recount() == 2, "however many there are"
    row.refresh_from_db()
    assert (row.earliest, row.provisional) == (datetime.date(2019, 1, 7), False)
    assert services.recount() == 0


def test_acts_are_written_once() -> None:
    [row] = begun("9901")
    take([row], WAY[0])
    with pytest.raises(AppendOnlyError):
        ProcedureAct.objects.update(outcome="refused")
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("UPDATE standards_procedure_act SET outcome = 'refused'")
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("DELETE FROM register_status_change WHERE 1 = 1" if StatusChange.objects.exists()
                       else "DELETE FROM standards_procedure_act")  # fmt: skip


# -- many, and who ----------------------------------------------------------------------------------------------------


def test_a_village_goes_together_in_a_fixed_number_of_statements() -> None:
    from django.test.utils import CaptureQueriesContext

    counts = []
    for codes in (("9901",), ("9902", "9903")):
        with CaptureQueriesContext(connection) as beginning:
            rows = begun(*codes)
        take(rows, *LAST_BUT_ONE)
        with CaptureQueriesContext(connection) as ending:
            assert take(rows, WAY[-1]) == len(codes)
        counts.append((len(beginning), len(ending)))
    assert counts[1][0] <= counts[0][0]
    assert counts[1][1] <= counts[0][1]
    entries = AuditEntry.objects.filter(action="standards.run_procedure")
    assert entries.count() == 2 * (1 + len(WAY)), "one entry an act, however many households"
    assert "张三" not in "".join(entries.values_list("detail", flat=True))


def test_one_that_cannot_holds_back_the_set() -> None:
    rows = begun("9901", "9902")
    services.act(local_admin(), {rows[0].pk: 0}, doing(*WAY[0]))
    with pytest.raises(services.Changed):
        services.act(local_admin(), {row.pk: 0 for row in rows}, doing(*WAY[0]))
    assert Procedure.objects.get(pk=rows[1].pk).acts == 0


def test_roles_record_their_own_steps() -> None:
    village, township, county = clerk("village", VILLAGE), clerk("township", EAST), clerk("county", COUNTY)
    [row] = begun("9901", actor=village)
    take([row], *WAY[:5], actor=village)
    with pytest.raises(Refused, match="wrong_role"):
        take([row], WAY[5], actor=village)
    take([row], WAY[5], actor=township)
    with pytest.raises(Refused, match="wrong_role"):
        take([row], WAY[6], actor=township)
    assert take([row], WAY[6], actor=county) == 1


def test_outside_the_grants_there_is_nothing() -> None:
    [row] = begun("9901")
    stranger, auditor = clerk("township", WEST), clerk("auditor", COUNTY)
    for attempt in (
        lambda: services.act(stranger, {row.pk: 0}, doing(*WAY[0])),
        lambda: services.act(stranger, {row.pk: 5}, doing(*WAY[0])),
        lambda: services.withdraw(stranger, {row.pk: 0}, "理由", DAY),
        lambda: services.begin(stranger, area(), KEY, ids("9902"), DAY),
        lambda: selectors.view(stranger, row.pk),
        lambda: selectors.notice(stranger, row.pk),
        lambda: selectors.view(stranger, 10**9),
    ):
        with pytest.raises(Missing):
            attempt()
    assert selectors.view(auditor, row.pk).row.pk == row.pk
    assert not selectors.view(auditor, row.pk).records
    with pytest.raises(Refused):
        services.act(auditor, {row.pk: 0}, doing(*WAY[0]))


def test_nobody_is_judged_by_the_pack_of_another_area() -> None:
    bind_pack(local_admin(), WEST, "shangqiu-2018", valid_from=datetime.date(2018, 1, 1))
    for start in (VILLAGE, COUNTY):
        with pytest.raises(Problem) as caught:
            services.begin(local_admin(), area(start), KEY, ids("9905"), DAY)
        assert caught.value.details["reason"] == "other_pack"
    assert len(services.begin(local_admin(), area(COUNTY), KEY, ids("9901"), DAY)) == 1


def test_papers_stand_with_the_step() -> None:
    [row] = begun("9901")
    take([row], *WAY[:2])
    with pytest.raises(Problem) as caught:
        services.act(local_admin(), {row.pk: 2}, weighing.Doing("consent", "signed", DAY, "张三"))
    assert caught.value.details["reason"] in {"before_previous", "no_evidence"}
    third = DAY + datetime.timedelta(days=2)
    with pytest.raises(Problem) as caught:
        services.act(
            local_admin(),
            {row.pk: 2},
            weighing.Doing("consent", "signed", third, "张三", references={"signature": " "}),
        )
    assert caught.value.details["reason"] == "no_evidence", "a blank names no paper"
    take([row], WAY[2])
    paper = Evidence.objects.get()
    assert (paper.about, paper.about_id, paper.item) == ("standards.procedure", row.pk, "consent.signature")
    assert paper.reference == "档案 12-3"


def test_two_connections_one_wins() -> None:
    [row] = begun("9901")
    barrier, won, lost = threading.Barrier(2), [], []

    def attempt(by: str) -> None:
        try:
            barrier.wait()
            services.act(local_admin(), {row.pk: 0}, doing("review", "passed", 0, by))
            won.append(by)
        except services.Changed as problem:
            lost.append(problem.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt, args=(by,)) for by in ("甲", "乙")]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert (len(won), lost) == (1, ["changed_meanwhile"])
    [act] = ProcedureAct.objects.filter(procedure=row)
    assert act.by == won[0]


def test_two_connections_begin_one() -> None:
    barrier, begun_by, lost = threading.Barrier(2), [], []

    def attempt(name: int) -> None:
        try:
            barrier.wait()
            begun("9901")
            begun_by.append(name)
        except Problem as problem:
            lost.append(problem.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt, args=(at,)) for at in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert (len(begun_by), lost) == (1, ["refused"])
    assert Procedure.objects.filter(state="running").count() == 1


# -- other levels, other axes -----------------------------------------------------------------------------------------


def test_monitoring_ends_in_the_kind_that_was_decided() -> None:
    rows = services.begin(local_admin(), area(), "monitoring", ids("9904"), datetime.date(2021, 12, 1))
    papers = {"signature": "承诺书"}
    start = datetime.date(2021, 12, 1)
    for step, outcome, offset in (
        ("warning", "clue", 0), ("visit", "risk", 1), ("authorised", "signed", 2), ("compared", "consistent", 3),
        ("review", "passed", 4), ("posted", "posted", 5), ("objections", "none", 10), ("township", "passed", 11),
        ("decided", "near_poor", 12), ("entered", "entered", 13),
    ):  # fmt: skip
        row = Procedure.objects.get(pk=rows[0].pk)
        if step == "visit":
            assert row.due == start + datetime.timedelta(days=10), "the notice of five days is left free"
        act = weighing.Doing(
            step,
            outcome,
            start + datetime.timedelta(days=offset),
            "丙" if step == "decided" else "甲",
            references=papers if step == "authorised" else {},
        )
        services.act(local_admin(), {row.pk: row.acts}, act)
    assert HouseholdCard.objects.get(code="9904").monitoring == "near_poor"
    assert not selectors.view(local_admin(), rows[0].pk).clocks[0].late


def test_a_village_leaves_the_list_of_poor_villages_by_the_citys_own_definition() -> None:
    """The national pack sets no limit for some items of 129, so that its verdict is unknown and none begins; a city
    writes a definition of its own."""
    village = AreaVersion.objects.get(code=VILLAGE, valid_to=None)
    Designation.objects.create(area_id=village.area_id, kind="poor_village", valid_from=datetime.date(2014, 1, 1))
    national = definitions.definition(area(), DAY, "village_exit")
    [found] = weighing.weigh_start(local_admin(), national, [village.area_id], DAY)
    assert found.refusal is not None
    own = home() / "packs" / "own"
    (own / "procedures").mkdir(parents=True)
    (own / "pack.toml").write_text(
        'key = "own"\nversion = "1"\nbase = "national"\ntitle.zh = "本市"\ntitle.en = "own"\n', encoding="utf-8"
    )
    shipped = Path(tuopin.packs.__file__).parent / "national" / "procedures" / "village_exit.toml"
    text = shipped.read_text(encoding="utf-8").replace('verdicts = ["met"]', 'verdicts = ["met", "unknown", "not_met"]')
    (own / "procedures" / "village_exit.toml").write_text(text, encoding="utf-8")
    try:
        bind_pack(local_admin(), COUNTY, "own", valid_from=datetime.date(2018, 1, 1))
        write_village(village.area_id)
        [row] = services.begin(local_admin(), area(), "village_exit", [village.area_id], DAY)
        for at, (step, outcome, offset, by) in enumerate((
            ("proposed", "proposed", 0, "村"), ("township", "passed", 1, "乡"), ("county", "passed", 2, "县"),
            ("posted", "posted", 2, "乡"), ("objections", "none", 9, "乡"), ("announced", "announced", 10, "县"),
        )):  # fmt: skip
            act = weighing.Doing(step, outcome, DAY + datetime.timedelta(days=offset), by,
                                 references={"announcement": "公告 3 号"} if step == "announced" else {})  # fmt: skip
            services.act(local_admin(), {row.pk: at}, act)
    finally:
        shutil.rmtree(own)
    assert Designation.objects.get().valid_to == DAY + datetime.timedelta(days=10)
    assert StatusChange.objects.get().old == "poor_village"
    assert Procedure.objects.get().state == "completed"


def write_village(area_id: int) -> None:
    """The village's own row: without one it is not judged."""
    VillageCondition.objects.create(
        area_id=area_id, year=2018, as_of=DAY, source="by_hand", recorded_at=timezone.now(), population=1
    )


def test_candidates_are_those_whose_status_it_starts_from() -> None:
    procedure = definitions.definition(area(), DAY, KEY).procedure
    version = AreaVersion.objects.get(code=VILLAGE, valid_to=None)
    assert list(subjects.candidates(local_admin(), procedure, version)) == ids("9901", "9902", "9903", "9904")
    begun_rows = begun("9901")
    take(begun_rows, *WAY)
    assert list(subjects.candidates(local_admin(), procedure, version)) == ids("9902", "9903", "9904")
