"""The life cycle of a pack: tested, confirmed item by item, approved by a second person, in force; a changed file is a
draft again, and verdicts say what was unconfirmed when they were made."""

from __future__ import annotations

import datetime
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from django.db import IntegrityError, connection
from django.utils import timezone

from county import areas, household, households, taken
from own_pack import COUNTY, ITEMS, PACK, TOWNSHIP, close_all, rewrite, written
from people import PASSWORD, account
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.home import home
from tuopin.platform.models import AuditEntry, User
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.standards.explaining.document import document
from tuopin.standards.explaining.subject import explain
from tuopin.standards.lifecycle import given, services
from tuopin.standards.lifecycle.cli import approve_command
from tuopin.standards.lifecycle.documents import document as state_document
from tuopin.standards.lifecycle.services import LimitValue
from tuopin.standards.lifecycle.states import state_of
from tuopin.standards.models import PackAct
from tuopin.standards.packs import get_pack
from tuopin.standards.services import bind_pack, evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tuopin.platform.access import Actor

pytestmark = pytest.mark.django_db(transaction=True)

DAY = datetime.date(2018, 12, 1)


@pytest.fixture(autouse=True)
def _files() -> Iterator[None]:
    """The city's own pack, in files."""
    with written():
        yield


@pytest.fixture(autouse=True)
def _register(tmp_path: Path) -> None:
    areas(tmp_path)
    households(tmp_path, household("9901", 工资性收入="9000"))
    taken("one_household", tmp_path, as_of=DAY)


def keeper(name: str = "keeper") -> Actor:
    return _actor(name, "standards_keeper")


def chief(name: str = "chief") -> Actor:
    return _actor(name, "headquarters")


def _actor(name: str, role: str) -> Actor:
    found = User.objects.filter(username=name).first()
    return actor_for(found or account(name, role, COUNTY))


def stage() -> str:
    return state_of(PACK).state.stage


def judged() -> tuple[list[str], dict[str, Any]]:
    """The draft items of an evaluation by the pack, and its counts by item."""
    found = evaluate(local_admin(), "own_exit", day=DAY, pack=PACK)
    return found.draft, found.tally


# -- the way through --------------------------------------------------------------------------------------------------


def test_from_draft_to_in_force() -> None:
    assert {item.key for item in state_of(PACK).state.still_open} == set(ITEMS)
    draft, tally = judged()
    assert (draft, tally["line"]) == (["line", "savings", "food", "mood"], {"unknown": 1})
    stages = [stage()]
    services.run_tests(keeper(), PACK)
    stages.append(stage())
    close_all(keeper())
    stages.append(stage())
    assert judged()[0] == ["line", "savings", "food", "mood"], "what one person confirmed alone is draft still"
    assert judged()[1]["line"] == {"unknown": 1}, "a value that nobody approved changes no verdict"
    services.approve(chief(), PACK, note="常务会议", seen=state_of(PACK).last)
    stages.append(stage())
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    services.schedule(chief(), PACK, COUNTY, tomorrow)
    stages.append(stage())
    draft, tally = judged()
    assert (draft, tally["line"]) == ([], {"met": 1}), "9000 yuan a head are over the 4000 that were given"
    services.schedule(chief(), PACK, TOWNSHIP, datetime.date(2018, 1, 1))
    stages.append(stage())
    assert stages == ["draft", "tested", "confirmed", "approved", "scheduled", "in_force"]
    entry = AuditEntry.objects.get(action="standards.approve_pack")
    assert (entry.subject, entry.actor_name) == (f"pack:{PACK}", "chief")


def test_superseded_by_the_next_pack() -> None:
    close_all(keeper())
    services.approve(chief(), PACK)
    services.schedule(chief(), PACK, COUNTY, datetime.date(2018, 1, 1))
    assert stage() == "in_force"
    bind_pack(chief(), COUNTY, "national", valid_from=datetime.date(2020, 1, 1))
    assert stage() == "superseded"


def test_a_draft_may_be_bound_and_says_so() -> None:
    bind_pack(chief(), COUNTY, PACK, valid_from=datetime.date(2018, 1, 1))
    assert stage() == "draft"
    assert judged()[0] == ["line", "savings", "food", "mood"]
    close_all(keeper())
    services.approve(chief(), PACK)
    assert stage() == "in_force", "what was bound as a draft is in force once it is approved"


# -- who --------------------------------------------------------------------------------------------------------------


def test_who_confirmed_anything_does_not_approve() -> None:
    close_all(keeper())
    with pytest.raises(Refused) as refused:
        services.approve(keeper(), PACK)
    assert refused.value.code == "refused", "the role alone says no"
    services.reopen(keeper(), PACK, ITEMS[3], "换人核对")
    services.set_aside(local_admin(), PACK, ITEMS[3], "另行记录")
    with pytest.raises(Refused) as nameless:
        services.approve(chief(), PACK)
    assert nameless.value.code == "closed_without_account", "whoever sat at the terminal may be the one who approves"
    services.reopen(keeper(), PACK, ITEMS[3], "由有账号的人办理")
    services.set_aside(keeper(), PACK, ITEMS[3], "另行记录")
    with pytest.raises(Refused) as own:
        services.approve(local_admin(), PACK)
    assert own.value.code == "no_account"
    services.approve(chief(), PACK)


def test_at_the_terminal_an_account_is_named_with_its_password() -> None:
    close_all(keeper())
    who = account("head", "headquarters", COUNTY)

    def run(password: str, *words: str) -> object:
        return CliRunner().invoke(approve_command, [PACK, *words], input=f"{password}\n").exception

    assert isinstance(run(PASSWORD), Refused), "the terminal alone is nobody"
    assert isinstance(run("wrong", "--as", "head"), Refused)
    assert isinstance(run("wrong", "--as", "nobody"), Refused)
    assert run(PASSWORD, "--as", "head") is None
    act = PackAct.objects.get(kind="approved")
    assert (act.actor, act.user_id) == ("head", who.pk)


def test_roles_that_confirm_and_approve_are_not_held_by_one_person() -> None:
    from tuopin.platform.accounts import services as accounts

    both = User.objects.get(pk=keeper().user_id)
    with pytest.raises(Problem):
        accounts.grant_by_code(local_admin(), both, "headquarters", "area", COUNTY)


def test_without_the_permission_nothing_is_done() -> None:
    clerk = actor_for(account("clerk", "county", COUNTY))
    for act in (
        lambda: services.run_tests(clerk, PACK),
        lambda: services.confirm(clerk, PACK, ITEMS[2], "市政发1号"),
        lambda: services.set_aside(clerk, PACK, ITEMS[2], "没有"),
        lambda: services.approve(clerk, PACK),
        lambda: services.schedule(clerk, PACK, COUNTY, DAY),
        lambda: services.confirm(chief(), PACK, ITEMS[2], "市政发1号"),
    ):
        with pytest.raises(Refused):
            act()
    assert not PackAct.objects.exists()


def test_a_keeper_of_a_part_does_not_confirm_for_all() -> None:
    with pytest.raises(Refused):
        services.run_tests(actor_for(account("part", "standards_keeper", TOWNSHIP)), PACK)


# -- a changed file ---------------------------------------------------------------------------------------------------


def test_a_changed_file_is_a_draft_again_and_keeps_what_was_not_changed() -> None:
    close_all(keeper())
    services.approve(chief(), PACK)
    assert state_of(PACK).state.settled == frozenset(ITEMS)
    rewrite("own_exit.toml", 'source = "没有文件"\nconfidence = "guess"', 'source = "另一文件"\nconfidence = "guess"')
    now = state_of(PACK).state
    assert now.stage == "draft"
    assert [item.key for item in now.still_open] == [ITEMS[2]], "only the changed item is asked again"
    draft, tally = judged()
    assert draft == ["line", "savings", "food", "mood"]
    assert tally["line"] == {"met": 1}, "a value once approved goes on counting, marked as draft"
    services.run_tests(keeper(), PACK)
    services.confirm(keeper(), PACK, ITEMS[2], "市政发〔2019〕2号")
    services.approve(chief(), PACK)
    assert judged()[0] == []


def test_a_changed_fact_opens_the_items_that_speak_of_it() -> None:
    rewrite("own_exit.toml", 'test = "food"', 'test = "food and plenty"')
    rewrite("own_exit.toml", '[[item]]\nkey = "line"', '[fact.plenty]\nexpr = "known(wage)"\n\n[[item]]\nkey = "line"')
    before = state_of(PACK).item(ITEMS[2])
    rewrite("own_exit.toml", 'expr = "known(wage)"', 'expr = "known(business)"')
    after = state_of(PACK).item(ITEMS[2])
    assert before is not None
    assert after is not None
    assert before.digest != after.digest


def test_failing_cases_and_rules_that_never_vary_bar_the_way() -> None:
    rewrite("cases/households.toml", 'savings = "met"', 'savings = "not_met"')
    services.run_tests(keeper(), PACK)
    assert stage() == "draft"
    rewrite("cases/households.toml", 'savings = "not_met"', 'savings = "met"')
    rewrite("own_exit.toml", 'test = "food"', 'test = "food or known(food) or not known(food)"')
    act = services.run_tests(keeper(), PACK)
    assert act.detail["failed"] == 0
    assert [each.rule for each in state_of(PACK).state.warnings] == ["own_exit.food"]
    assert stage() == "draft"
    with pytest.raises(Missing):
        services.justify(keeper(), PACK, "own_exit.line", "没有被报告")
    services.justify(keeper(), PACK, "own_exit.food", "试行阶段一律视为达标")
    assert stage() == "tested"
    rewrite("own_exit.toml", 'source = "市文件"\nconfidence', 'source = "市文件1号"\nconfidence')
    services.run_tests(keeper(), PACK)
    assert stage() == "tested", "the reason holds as long as the rule reads as it did"


# -- one item ---------------------------------------------------------------------------------------------------------


def test_an_item_is_closed_once_and_taken_back_with_a_reason() -> None:
    services.confirm(keeper(), PACK, ITEMS[2], "市政发1号")
    with pytest.raises(Problem) as again:
        services.set_aside(keeper("another"), PACK, ITEMS[2], "不同意")
    assert again.value.code == "already_closed"
    assert "keeper" in again.value.zh
    services.reopen(keeper(), PACK, ITEMS[2], "文号有误")
    services.confirm(keeper("another"), PACK, ITEMS[2], "市政发2号")
    assert [act.kind for act in PackAct.objects.order_by("number")] == ["confirmed", "reopened", "confirmed"]


@pytest.mark.parametrize(
    ("value", "first", "last", "code"),
    [
        ("", "2018-01-01", None, "bad_number"),
        ("4000.001", "2018-01-01", None, "bad_number"),
        ("=4000", "2018-01-01", None, "bad_number"),
        ("9" * 40, "2018-01-01", None, "bad_number"),
        ("4000", None, None, "bad_period"),
        ("-1", "2018-01-01", None, "out_of_bounds"),
        ("5000.01", "2018-01-01", None, "out_of_bounds"),
        ("4000", "2018-01-01", "2018-01-01", "bad_period"),
    ],
)
def test_a_limit_needs_a_number_and_dates(value: str, first: str | None, last: str | None, code: str) -> None:
    def day(text: str | None) -> datetime.date | None:
        return datetime.date.fromisoformat(text) if text else None

    with pytest.raises(Problem) as problem:
        services.confirm(keeper(), PACK, ITEMS[0], "市政发1号", value=LimitValue(value, day(first), day(last)))
    assert problem.value.code == code
    assert not PackAct.objects.exists()


def test_what_is_wrong_is_refused() -> None:
    with pytest.raises(Problem) as waiting:
        services.confirm(keeper(), PACK, ITEMS[3], "市政发1号")
    assert waiting.value.code == "not_confirmable"
    with pytest.raises(Missing):
        services.confirm(keeper(), PACK, "condition:own_exit.nothing", "市政发1号")
    with pytest.raises(Missing):
        services.confirm(keeper(), "no-such-pack", ITEMS[2], "市政发1号")
    for text in ("", " ", "x" * 501, "a\x00b"):
        with pytest.raises(Problem):
            services.confirm(keeper(), PACK, ITEMS[2], text)
    with pytest.raises(Problem) as changed:
        services.confirm(keeper(), PACK, ITEMS[2], "市政发1号", seen="0" * 64)
    assert changed.value.code == "changed_meanwhile"
    with pytest.raises(Problem) as untested:
        services.approve(chief(), PACK)
    assert untested.value.code == "not_tested"
    services.run_tests(keeper(), PACK)
    with pytest.raises(Problem) as still_open:
        services.approve(chief(), PACK)
    assert still_open.value.code == "items_open"
    with pytest.raises(Problem) as unapproved:
        services.schedule(chief(), PACK, COUNTY, DAY)
    assert unapproved.value.code == "not_approved"


def test_acts_are_written_once() -> None:
    services.run_tests(keeper(), PACK)
    with pytest.raises(Exception, match="append-only"), connection.cursor() as cursor:
        cursor.execute("UPDATE standards_pack_act SET kind = 'approved'")


# -- two at once ------------------------------------------------------------------------------------------------------


def test_who_approves_has_seen_the_last_act() -> None:
    close_all(keeper())
    seen = state_of(PACK).last
    services.reopen(keeper(), PACK, ITEMS[2], "文号有误")
    services.confirm(keeper(), PACK, ITEMS[2], "市政发9号")
    with pytest.raises(Problem) as changed:
        services.approve(chief(), PACK, seen=seen)
    assert changed.value.code == "changed_meanwhile"


def test_of_two_who_close_an_item_at_once_one_is_told() -> None:
    people = [keeper("first"), keeper("second")]
    state_of(PACK)
    both = Barrier(2)

    def close(who: Actor) -> str:
        both.wait()
        try:
            services.confirm(who, PACK, ITEMS[2], "市政发1号")
        except Problem as problem:
            return problem.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(close, people))
    assert answers == ["already_closed", "done"]
    assert PackAct.objects.count() == 1


def test_two_acts_of_different_people_both_stand() -> None:
    people = {keeper("first"): ITEMS[1], keeper("second"): ITEMS[2]}
    state_of(PACK)
    both = Barrier(2)

    def close(who: Actor) -> None:
        both.wait()
        try:
            services.confirm(who, PACK, people[who], "市政发1号")
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(close, people))
    assert sorted(PackAct.objects.values_list("number", flat=True)) == [1, 2]


def test_a_number_is_given_once() -> None:
    services.run_tests(keeper(), PACK)
    act = PackAct.objects.get()
    act.pk = None
    act._state.adding = True
    with pytest.raises(IntegrityError):
        act.save()


# -- what depends on it -----------------------------------------------------------------------------------------------


def test_a_stored_evaluation_says_what_was_unconfirmed_when_it_ran() -> None:
    evaluate(local_admin(), "own_exit", day=DAY, pack=PACK)
    close_all(keeper())
    services.approve(chief(), PACK)
    [found] = explain(local_admin(), "9901", standard="own_exit")
    assert document(found)["draft"] == ["line", "savings", "food", "mood"]
    evaluate(local_admin(), "own_exit", day=DAY, pack=PACK)
    [anew] = explain(local_admin(), "9901", standard="own_exit")
    assert document(anew)["draft"] == []


def test_a_given_value_is_one_of_the_pack_until_its_last_day() -> None:
    services.run_tests(keeper(), PACK)
    dates = LimitValue("4000", datetime.date(2018, 1, 1), datetime.date(2019, 1, 1))
    services.confirm(keeper(), PACK, ITEMS[0], "市政发〔2018〕1号", value=dates)
    for item in ITEMS[1:3]:
        services.confirm(keeper(), PACK, item, "市政发1号")
    services.set_aside(keeper(), PACK, ITEMS[3], "另行记录")
    assert get_pack(PACK).parameters["own_line"].on(DAY) is None
    services.approve(chief(), PACK)
    limit = get_pack(PACK).parameters["own_line"]
    value = limit.on(DAY)
    assert value is not None
    assert (value.value, value.source) == (400_000, "市政发〔2018〕1号")
    assert limit.on(datetime.date(2019, 1, 1)) is None
    (home() / "packs" / given.NAME).unlink()
    assert get_pack(PACK).parameters["own_line"].on(DAY) is None
    given.publish()
    assert get_pack(PACK).parameters["own_line"].on(DAY) is not None, "the worker writes again what was lost"
    rewrite("parameters.toml", 'unit = "CNY/person/year"', 'unit = "CNY/year"')
    rewrite("own_exit.toml", "income_per_head > own_line", "wage > own_line")
    assert get_pack(PACK).parameters["own_line"].on(DAY) is None, "given in another unit"


def test_a_file_of_given_limits_that_somebody_wrote_is_not_approved() -> None:
    close_all(keeper())
    services.approve(chief(), PACK)
    assert judged()[0] == []
    path = home() / "packs" / given.NAME
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace("400000", "100"), encoding="utf-8")
    assert get_pack(PACK).parameters["own_line"].on(DAY).value == 100  # type: ignore[union-attr]
    assert judged()[0] == ["line"], "what another value decides is a draft"
    for damaged in ("[{", "{}", '[{"pack": 1}]', whole.replace("400000", "true"), whole.replace("2018", "18"), "1"):
        path.write_text(damaged, encoding="utf-8")
        assert judged()[1]["line"] == {"unknown": 1}, damaged
    given.publish()
    assert judged() == ([], judged()[1])
    assert judged()[1]["line"] == {"met": 1}


def test_days_of_acts_are_local_days(monkeypatch: pytest.MonkeyPatch) -> None:
    early = datetime.datetime(2018, 12, 1, 17, 0, tzinfo=datetime.UTC)  # one in the morning of the second
    monkeypatch.setattr(services.timezone, "now", lambda: early)
    close_all(keeper())
    services.approve(chief(), PACK)
    monkeypatch.undo()
    found = state_document(local_admin(), PACK)
    days = {found["test"]["on"], found["approved"]["on"], *(each["closed"]["on"] for each in found["items"])}
    assert days == {"2018-12-02"}
