"""Projects and funds: money that moved, states and findings that follow, who benefits, who sees and changes what."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from people import account, signed_in
from rooms.measures.test_payments_followed import happened
from tuopin.measures.models import Benefit, Fund, FundMove, Project, ProjectVersion
from tuopin.measures.projects import benefits, selectors, services
from tuopin.measures.projects.benefits import Given
from tuopin.measures.projects.rules import FINDINGS
from tuopin.measures.projects.services import Draft, Move
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.models import AreaVersion

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("register")]

COUNTY, EAST, WEST, VILLAGE = "990101000000", "990101100000", "990101101000", "990101100201"
TODAY = datetime.date(2018, 12, 1)
MAY, JUNE, JULY = (datetime.date(2018, month, 1) for month in (5, 6, 7))


def area(code: str) -> int:
    return AreaVersion.objects.get(code=code, valid_to=None).area_id


def draft(code: str = "2018-01", place: str = VILLAGE, **more: Any) -> Draft:
    told = {"name": "甲村食用菌大棚", "sort": "industry", "cost": 10_000_000, "due": datetime.date(2018, 10, 31)}
    return Draft(code, 2018, area_id=area(place), **(told | more))


def listed(*drafts: Draft) -> list[int]:
    return [each.project_id for each in services.keep(local_admin(), list(drafts) or [draft()])]


def fund(came_in: int = 20_000_000, name: str = "中央财政专项扶贫资金") -> int:
    made = services.open_fund(local_admin(), area_id=area(COUNTY), year=2018, tier="central", name=name)
    if came_in:
        services.move(local_admin(), [Move("in", came_in, MAY, made.pk, document="豫财农〔2018〕1号")])
    return made.pk


def allocated(project: int, source: int, amount: int, document: str = "宁财〔2018〕5号") -> None:
    services.move(local_admin(), [Move("allocated", amount, JUNE, source, project, document)])


def paid(project: int, amount: int, day: datetime.date = JULY, source: int | None = None, **more: Any) -> FundMove:
    (row,) = services.move(
        local_admin(),
        [Move("paid", amount, day, source, project, **({"document": "凭证7", "payee": "建设公司"} | more))],
    )
    return row


def accepted(project: int, day: datetime.date = datetime.date(2018, 9, 1)) -> int:
    (row,) = services.accept(local_admin(), [project], day, passed=True, document="验收〔2018〕3号")
    return row.pk


def row(project: int) -> Any:
    return selectors.project(local_admin(), project, TODAY)


def found(project: int) -> set[str]:
    return {key for key in FINDINGS if getattr(row(project), f"is_{key}")}


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Problem) as caught:
        act()
    return caught.value.code


def test_from_the_library_to_paid_in_full() -> None:
    (project,) = listed(draft(due=datetime.date(2019, 6, 30)))
    source = fund()
    assert row(project).state == "listed"
    allocated(project, source, 10_000_000)
    assert row(project).state == "funded"
    paid(project, 3_000_000, source=source)  # exactly the share that may be advanced
    benefits.add(local_admin(), project, [Given("9901", 60_000), Given("9902", None, "菌棒 500 个")])
    assert found(project) == set()
    accepted(project)
    paid(project, 7_000_000, datetime.date(2018, 11, 1), source, document="凭证8")
    now = row(project)
    assert (now.state, now.paid, now.paid_before, now.benefiting) == ("settled", 10_000_000, 3_000_000, 2)
    assert found(project) == set()
    (account_,) = selectors.accounts(local_admin(), None, 2018)
    assert (account_.came_in, account_.allocated, account_.paid) == (20_000_000, 10_000_000, 10_000_000)


def test_every_finding_has_its_case_and_a_key_that_stays() -> None:
    early, over, without, late, out = listed(
        draft("1", due=None), draft("2", due=None), draft("3", due=None), draft("4"), draft("5", due=None)
    )
    source = fund(1_000_000)
    for each in (early, over, out):
        allocated(each, source, 1_000_000, f"文{each}")
        benefits.add(local_admin(), each, [Given("9901")])
    paid(early, 300_001)
    accepted(over)
    paid(over, 1_000_001, datetime.date(2018, 10, 1))
    accepted(without)
    paid(out, 100, document="凭证9")
    version = ProjectVersion.objects.get(project=out)
    services.keep(local_admin(), [replace(draft("5", due=None), number=out, seen=version.pk, cancelled=True)])
    assert found(early) == {"paid_before_done"}
    assert found(over) == {"paid_over_allocated"}
    assert found(without) == {"no_benefit"}
    assert found(late) == {"overdue"}
    assert found(out) == {"paid_cancelled"}
    version = AreaVersion.objects.get(code=COUNTY, valid_to=None)
    whole, below = selectors.figures(local_admin(), version, 2018, TODAY)
    looked = selectors.worked_out(selectors.projects(local_admin(), version), TODAY).filter(selectors.any_finding())
    assert whole.flagged == looked.count() == 5  # the one taken out too: the list behind the number names it
    assert (whole.projects, whole.paid) == (4, 300_001 + 1_000_001 + 100)
    assert {each.code: figures.flagged for each, figures in below} == {EAST: 5, WEST: 0}
    keys = [(each.subject, each.kind, each.item) for each in selectors.findings(local_admin(), None, TODAY)]
    assert (f"fund:{source}", "fund", "allocated_over_in") in keys
    assert len(keys) == len(set(keys)) == 6
    assert keys == [(e.subject, e.kind, e.item) for e in selectors.findings(local_admin(), None, TODAY)]
    accepted(late)
    assert found(late) == {"no_benefit"}


def test_wrong_entries_are_taken_back_and_stay_readable() -> None:
    (project,) = listed()
    source = fund()
    allocated(project, source, 5_000_000)
    wrong = paid(project, 9_000_000)
    assert "paid_over_allocated" in found(project)
    services.take_back(local_admin(), [wrong.pk])
    assert (row(project).paid, FundMove.objects.filter(pk=wrong.pk).exists()) == (0, True)
    assert refused(lambda: services.take_back(local_admin(), [wrong.pk])) == "no_such_move"
    entry = accepted(project)
    services.take_acceptance_back(local_admin(), entry)
    assert row(project).state == "funded"
    assert refused(lambda: services.take_acceptance_back(local_admin(), entry)) == "taken_back_already"
    benefits.add(local_admin(), project, [Given("9901")])
    benefits.remove(local_admin(), project, [Benefit.objects.get().pk])
    benefits.add(local_admin(), project, [Given("9901", 100)])
    assert row(project).benefiting == 1


def test_what_is_refused_changes_nothing() -> None:
    (project,) = listed()
    source = fund()
    far = datetime.date(9999, 12, 31)
    for bad in (
        draft(name=""), draft("x", sort="gold"), draft("x", cost=-1), draft("x", cost=10**18), draft("x\0"),
        draft("x", begins=JULY, due=MAY), draft("x", due=far), draft("x", households=-5), draft("x" * 81),
        replace(draft("x"), year=0),
    ):  # fmt: skip
        assert refused(lambda bad=bad: listed(bad)) == "bad_project"
    assert refused(lambda: listed(draft("2"), draft("2"))) == "project_twice"
    assert refused(lambda: listed(draft("2018-01", place=EAST))) == "project_twice"
    assert refused(lambda: listed(replace(draft("x"), area_id=area("990100000000")))) == "no_such_area"
    stale = replace(draft(name="改名"), number=project, seen=ProjectVersion.objects.get().pk)
    services.keep(local_admin(), [stale])
    assert refused(lambda: listed(stale)) == "changed_meanwhile"
    allocated(project, source, 100)
    moves = (
        (Move("paid", 100, JULY, None, project, "凭证"), "no_payee"),
        (Move("paid", 0, JULY, None, project, "凭证", "甲"), "bad_money"),
        (Move("paid", 1, far, None, project, "凭证", "甲"), "bad_day"),
        (Move("paid", 1, JULY, None, None, "凭证", "甲"), "bad_move"),
        (Move("allocated", 100, JUNE, source, project, "宁财〔2018〕5号"), "move_twice"),
        (Move("allocated", 100, JUNE, source, project), "no_document"),
        (Move("in", 100, JUNE, source, project, "文"), "bad_move"),
        (Move("bribe", 100, JUNE, source, project, "文"), "bad_move"),
        (Move("paid", 1, JULY, fund(0, "省级"), project, "凭证", "甲"), "not_allocated"),
    )
    before = FundMove.objects.count()
    for move, code in moves:
        assert refused(lambda move=move: services.move(local_admin(), [move])) == code
    assert FundMove.objects.count() == before
    assert refused(lambda: fund(0)) == "fund_twice"
    assert refused(lambda: benefits.add(local_admin(), project, [Given("9901"), Given("9901")])) == "named_twice"
    assert (
        refused(lambda: benefits.add(local_admin(), project, [Given("9901"), Given("nobody")])) == "no_such_household"
    )
    benefits.add(local_admin(), project, [Given("9901")])
    assert refused(lambda: benefits.add(local_admin(), project, [Given("9901")])) == "benefits_already"
    assert Benefit.objects.count() == 1


def test_a_merged_household_is_still_named_and_taken_off() -> None:
    (project,) = listed()
    benefits.add(local_admin(), project, [Given("9901")])
    happened("merge", "9901", "2018-12-20", into="9903")
    east, west = (actor_for(account(name, "township", code)) for name, code in (("east", EAST), ("west", WEST)))
    assert benefits.seen(west, project, "", None).count() == 0
    (row_,) = benefits.seen(east, project, "", None)
    assert benefits.remove(local_admin(), project, [row_.pk]) == 1


def test_a_set_takes_a_fixed_number_of_statements(django_assert_max_num_queries: Any) -> None:
    drafts = [draft(str(at)) for at in range(30)]
    with django_assert_max_num_queries(14):
        keys = listed(*drafts)
    source = fund()
    with django_assert_max_num_queries(16):
        services.move(local_admin(), [Move("allocated", 1, JUNE, source, key, f"文{key}") for key in keys])
    with django_assert_max_num_queries(14):
        services.accept(local_admin(), keys, JULY, passed=True, document="验")
    version = AreaVersion.objects.get(code=COUNTY, valid_to=None)
    with django_assert_max_num_queries(10):
        whole, below = selectors.figures(local_admin(), version, 2018, TODAY)
    assert (whole.projects, whole.accepted, whole.flagged, whole.allocated) == (30, 30, 30, 30)
    assert {each.code: figures.projects for each, figures in below} == {EAST: 30, WEST: 0}


def test_who_changes_and_sees_what() -> None:
    (project,) = listed()
    source = fund()
    west = actor_for(account("west", "township", WEST))
    village = actor_for(account("village", "village", VILLAGE))
    for act in (
        lambda: services.keep(west, [draft("9")]),
        lambda: services.accept(west, [project], JULY, passed=True, document="验"),
        lambda: services.move(west, [Move("paid", 1, JULY, None, project, "凭证", "甲")]),
        lambda: benefits.add(west, project, [Given("9901")]),
        lambda: selectors.project(west, project, TODAY),
    ):
        with pytest.raises(Missing):
            act()
    with pytest.raises(Refused):
        services.keep(village, [draft("9")])
    assert selectors.project(village, project, TODAY).project_id == project
    east = actor_for(account("east", "township", EAST))
    with pytest.raises(Missing):  # the county's money is not the township's to allocate
        services.move(east, [Move("allocated", 1, JUNE, source, project, "文")])
    assert list(selectors.accounts(east, None, None)) == []
    assert selectors.findings(west, None, TODAY) == []


def test_who_benefits_from_a_project_of_health_is_told_where_that_class_is_open() -> None:
    (project,) = listed(draft("h", sort="health"))
    benefits.add(local_admin(), project, [Given("9901")])
    narrow: Client = signed_in(account("narrow", "county", COUNTY))
    text = narrow.get(f"/measures/projects/{project}/").content.decode()
    assert "9901" not in text
    assert "另有 1 户未显示" in text
    closed = actor_for(account("closed", "county", COUNTY))
    for act in (
        lambda: benefits.add(closed, project, [Given("9901")]),  # “already” would tell
        lambda: benefits.remove(closed, project, [Benefit.objects.get(project=project).pk]),
    ):
        with pytest.raises(Missing):
            act()
    wide: Client = signed_in(account("wide", "county", COUNTY, "health"))
    assert "9901" in wide.get(f"/measures/projects/{project}/").content.decode()


def test_a_merged_village_takes_its_projects_along() -> None:
    from tuopin.register.events.areas import services as areas
    from tuopin.register.events.areas.given import Given as Change
    from tuopin.register.events.areas.given import Line

    (number,) = listed()
    line = Line("merged", datetime.date(2018, 12, 15), VILLAGE, "990101100202")
    areas.record(local_admin(), Change((line,), "合村并组文件"))
    other = actor_for(account("other", "village", "990101100202"))
    assert [each.name for each in selectors.projects(other, None)] == ["甲村食用菌大棚"]
    version = AreaVersion.objects.get(code=EAST, valid_to=None)
    _whole, below = selectors.figures(local_admin(), version, 2018, TODAY)
    assert [(each.code, figures.projects) for each, figures in below] == [("990101100202", 1)]
    page = f"/measures/projects/{number}/"
    seen = str(ProjectVersion.objects.get().pk)
    told = {"do": "keep", "code": "2018-01", "name": "并村后的大棚", "sort": "industry", "seen": seen}
    assert signed_in(account("east", "township", EAST)).post(page, told).status_code == 302
    assert row(number).name == "并村后的大棚"


def test_pages_from_a_new_project_to_its_money(django_assert_max_num_queries: Any) -> None:
    client: Client = signed_in(account("county", "county", COUNTY))
    new = f"/measures/projects/new/?area={VILLAGE}"
    told = {"code": "2018-07", "year": "2018", "name": "大棚<script>", "sort": "industry", "cost": "100000"}
    assert client.get(new).status_code == 200
    bad = client.post(new, told | {"cost": "一万"})
    assert bad.status_code == 400
    assert "大棚&lt;script&gt;" in bad.content.decode()
    made = client.post(new, told)
    project = Project.objects.get()
    assert made["Location"] == f"/measures/projects/{project.pk}/"
    page = f"/measures/projects/{project.pk}/"
    funds = f"/measures/projects/funds/?area={COUNTY}&year=2018"
    assert client.post(funds, {"do": "open", "year": "2018", "tier": "city", "name": "市级甲款"}).status_code == 302
    source = str(Fund.objects.get().pk)
    money = {"day": "2018-06-01", "amount": "50,000", "document": "文1"}
    assert client.post(funds, {"do": "in", "year": "2018", "fund": source, **money}).status_code == 302
    assert client.post(page, {"do": "allocated", "fund": source, **money}).status_code == 302
    assert client.post(page, {"do": "paid", "fund": source, "payee": "公司", **money}).status_code == 302
    assert client.post(page, {"do": "paid", "fund": source, **money, "amount": "1e9"}).status_code == 400
    assert client.post(page, {"do": "benefit", "households": "9901，9902\n"}).status_code == 302
    assert client.post(page, {"do": "take_back", "move": "99999999999999"}).status_code == 404
    accept = {"do": "accept", "day": "2018-08-01", "passed": "1", "document": "验1"}
    with django_assert_max_num_queries(20):
        text = client.get(page).content.decode()
    assert "未验收先付款" in text
    assert "9902" in text
    assert client.post(page, accept).status_code == 302
    version = ProjectVersion.objects.get()
    kept = {"do": "keep", "seen": str(version.pk), "name": "改了名", "sort": "industry", "cost": "1"}
    assert client.post(page, kept).status_code == 302
    assert client.post(page, kept).status_code == 400
    with django_assert_max_num_queries(20):
        text = client.get(f"/measures/projects/?area={COUNTY}&year=2018").content.decode()
    assert "50,000.00" in text
    with django_assert_max_num_queries(20):
        text = client.get(f"/measures/projects/list/?area={COUNTY}&finding=any").content.decode()
    assert "改了名" in text
    with django_assert_max_num_queries(20):
        assert "市级甲款" in client.get(funds).content.decode()
    east: Client = signed_in(account("east", "township", WEST))
    assert east.get(page).status_code == 404
    assert east.post(page, accept).status_code == 404
    assert "改了名" not in east.get("/measures/projects/list/").content.decode()
    assert "市级甲款" not in east.get("/measures/projects/funds/").content.decode()


def test_what_a_split_made_is_not_undone_under_a_project_or_plan() -> None:
    from tuopin.register.events import services as events
    from tuopin.register.events.planning import Wish
    from tuopin.register.events.undo import undo
    from tuopin.register.models import Household, Person, RegisterEvent

    child = Person.objects.get(code="990102").pk
    wish = Wish(Household.objects.get(code="9901").pk, persons=(child,), head=child)
    events.record(local_admin(), "split", [wish], events.Why(datetime.date(2018, 12, 10), "分户"))
    event = RegisterEvent.objects.get(kind="split")
    assert event.other is not None
    (project,) = listed()
    benefits.add(local_admin(), project, [Given(event.other.code)])
    with pytest.raises(Problem) as found:
        undo(local_admin(), event.pk)
    assert "受益记录" in found.value.zh
