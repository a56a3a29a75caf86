"""Removal of a risk, villages against their county, the begin page, refusals that name people, the terminal."""

from __future__ import annotations

import datetime
import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from django.utils import timezone

import tuopin.packs
from people import account, signed_in
from rooms.standards.procedures.steps import COUNTY, DAY, KEY, VILLAGE, area, begun, four
from tuopin.platform.access import local_admin
from tuopin.platform.auditing import readlog
from tuopin.platform.database import write
from tuopin.platform.home import home
from tuopin.platform.models import ReadEntry
from tuopin.platform.problems import Problem
from tuopin.platform.roles import role
from tuopin.register import cards
from tuopin.register.models import (
    AreaVersion,
    CountyCondition,
    Designation,
    Household,
    HouseholdCard,
    HouseholdMonitoring,
    StatusPeriod,
    VillageCondition,
)
from tuopin.standards.procedures import definitions, freezing, services, weighing
from tuopin.standards.procedures.cli import procedures_group
from tuopin.standards.procedures.models import Procedure, ProcedureAct
from tuopin.standards.services import bind_pack

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db(transaction=True)

START = datetime.date(2021, 12, 1)
BEGIN = "/standards/procedures/begin/"


@pytest.fixture(autouse=True)
def _four(tmp_path: Path) -> None:
    four(tmp_path)


@pytest.fixture
def client() -> Client:
    return signed_in(account("county", "county", COUNTY))


def body(answer: Any) -> str:
    return str(answer.content.decode())


def monitored(code: str, since: datetime.date) -> int:
    """The household as one that is monitored since a day."""
    key = Household.objects.get(code=code).pk
    StatusPeriod.objects.create(household_id=key, axis="monitoring", value="near_poor", valid_from=since)
    HouseholdMonitoring.objects.create(
        household_id=key, year=2021, as_of=since, source="by_hand", recorded_at=timezone.now(),
        monitored_kind="near_poor", identified_on=since,
    )  # fmt: skip
    with write():
        cards.refresh([key])
    return key


# -- removal of a risk ------------------------------------------------------------------------------------------------


def test_who_is_below_the_line_is_not_taken_off() -> None:
    key = monitored("9904", datetime.date(2021, 1, 1))
    defined = definitions.definition(area(), START, "risk_removal")
    assert defined.procedure.verdicts == ("met",)
    [weighed] = weighing.weigh_start(local_admin(), defined, [key], START)
    assert weighed.refusal is not None
    assert "监测范围" in weighed.refusal.zh
    assert weighed.frozen is not None
    assert [each["title"]["zh"] for each in weighed.frozen.document["doubts"]] == ["收入低于监测范围却已消除风险"]


def test_what_the_rules_would_find_is_said_at_the_start_and_stops_nothing() -> None:
    keys = {since: monitored(code, since) for code, since in (("9902", datetime.date(2021, 8, 1)),
                                                              ("9903", datetime.date(2021, 1, 1)))}  # fmt: skip
    early, late = keys[datetime.date(2021, 8, 1)], keys[datetime.date(2021, 1, 1)]
    defined = definitions.definition(area(), START, "risk_removal")
    weighed = weighing.weigh_start(local_admin(), defined, [early, late], START)
    assert all(each.refusal is None for each in weighed)
    found = {each.subject.id: each.frozen.document["doubts"] for each in weighed if each.frozen is not None}
    assert [doubt["title"]["zh"] for doubt in found[early]] == ["识别后六个月内消除风险"]
    assert found[late] == []
    [row] = services.begin(local_admin(), area(), "risk_removal", [early], START)
    assert freezing.is_whole(row.frozen, row.frozen_digest), "the doubts are frozen with the verdict"
    county = signed_in(account("county", "county", COUNTY))
    assert "识别后六个月内消除风险" in body(county.get(f"/standards/procedures/{row.pk}/"))
    way = (("proposed", "proposed"), ("visit", "no_risk"), ("consent", "refused"), ("recheck", "upheld"),
           ("compared", "consistent"), ("review", "passed"), ("posted", "posted"), ("objections", "none"),
           ("township", "passed"), ("decided", "removed"), ("entered", "entered"))  # fmt: skip
    for at, (step, outcome) in enumerate(way):
        papers = {"visit": "表 1"} if step == "visit" else {"signature": "签字页"} if step == "consent" else {}
        papers |= {"recheck": "记录 2"} if step == "recheck" else {}
        day = START + datetime.timedelta(days=at + (5 if at > 6 else 0))
        doing = weighing.Doing(step, outcome, day, f"办理人{at}", references=papers)
        if step == "objections":
            with pytest.raises(Problem, match="refused"):
                services.act(local_admin(), {row.pk: at},
                             weighing.Doing(step, outcome, START + datetime.timedelta(days=10), "甲"))  # fmt: skip
        services.act(local_admin(), {row.pk: at}, doing)
    assert HouseholdCard.objects.get(code="9902").monitoring == "risk_removed"


def test_who_died_is_taken_off_without_a_verdict() -> None:
    key = monitored("9904", datetime.date(2021, 8, 1))
    [row] = services.begin(local_admin(), area(), "natural_removal", [key], START)
    for at, (step, outcome, by) in enumerate((("reported", "reported", "村"), ("township", "passed", "乡"),
                                              ("decided", "removed", "县"))):  # fmt: skip
        papers = {"proof": "死亡证明"} if step == "reported" else {}
        services.act(local_admin(), {row.pk: at}, weighing.Doing(step, outcome, START, by, references=papers))
    assert HouseholdCard.objects.get(code="9904").monitoring == "risk_removed"


# -- villages and their county ----------------------------------------------------------------------------------------


@pytest.fixture
def _own_pack() -> Any:
    """A city whose villages and counties begin whatever their verdict."""
    own = home() / "packs" / "own"
    (own / "procedures").mkdir(parents=True)
    (own / "pack.toml").write_text(
        'key = "own"\nversion = "1"\nbase = "national"\ntitle.zh = "本市"\ntitle.en = "own"\n', encoding="utf-8"
    )
    for name in ("village_exit", "county_exit"):
        shipped = Path(tuopin.packs.__file__).parent / "national" / "procedures" / f"{name}.toml"
        text = shipped.read_text(encoding="utf-8").replace('verdicts = ["met"]\n', "")
        (own / "procedures" / f"{name}.toml").write_text(text, encoding="utf-8")
    bind_pack(local_admin(), COUNTY, "own", valid_from=datetime.date(2018, 1, 1))
    yield
    shutil.rmtree(own)


def _exits() -> tuple[Procedure, Procedure]:
    village, county = (AreaVersion.objects.get(code=code, valid_to=None) for code in (VILLAGE, COUNTY))
    for version, kind in ((village, "poor_village"), (county, "poor_county")):
        Designation.objects.create(area_id=version.area_id, kind=kind, valid_from=datetime.date(2014, 1, 1))
    VillageCondition.objects.create(
        area_id=village.area_id, year=2018, as_of=DAY, source="by_hand", recorded_at=timezone.now(), population=1
    )
    CountyCondition.objects.create(
        area_id=county.area_id, year=2018, as_of=DAY, source="by_hand", recorded_at=timezone.now(), rural_population=9
    )
    [mine] = services.begin(local_admin(), area(), "village_exit", [village.area_id], DAY)
    [above] = services.begin(local_admin(), area(COUNTY), "county_exit", [county.area_id], DAY)
    return mine, above


def _until_posted(row: Procedure) -> None:
    papers = {"proposed": {"application": "申请"}, "province": {"report": "报告"}}
    for at, (step, outcome) in enumerate((("proposed", "proposed"), ("city", "passed"), ("province", "passed"),
                                          ("posted", "posted"))):  # fmt: skip
        doing = weighing.Doing(step, outcome, DAY, f"办理人{at}", references=papers.get(step, {}))
        services.act(local_admin(), {row.pk: at}, doing)


@pytest.mark.usefixtures("_own_pack")
def test_a_village_does_not_withdraw_once_its_county_is_public(client: Client) -> None:
    mine, above = _exits()
    _until_posted(above)
    with pytest.raises(Problem, match="county_announced") as refused:
        services.withdraw(local_admin(), {mine.pk: 0}, "误报", DAY)
    assert str(above.pk) in refused.value.zh
    assert Procedure.objects.get(pk=mine.pk).state == "running"
    services.withdraw(local_admin(), {above.pk: 4}, "村有异议", DAY)
    services.withdraw(local_admin(), {mine.pk: 0}, "误报", DAY)
    assert Procedure.objects.get(pk=mine.pk).state == "withdrawn"


@pytest.mark.usefixtures("_own_pack")
def test_before_that_it_may_and_the_county_is_told(client: Client) -> None:
    mine, above = _exits()
    page = body(client.get(f"/standards/procedures/{above.pk}/"))
    assert "个村的退出程序终止或撤回" not in page
    services.withdraw(local_admin(), {mine.pk: 0}, "误报", DAY)
    assert "有 1 个村的退出程序终止或撤回" in body(client.get(f"/standards/procedures/{above.pk}/"))


# -- the begin page ---------------------------------------------------------------------------------------------------


def test_what_fits_the_page_stands_first(client: Client) -> None:
    def first(code: str) -> list[str]:
        page = body(client.get(BEGIN, {"area": code, "day": "2018-12-01"}))
        return re.findall(r'<option value="(\w+)"', page)

    village, county = first(VILLAGE), first(COUNTY)
    assert village.index("household_exit") < village.index("village_exit") < village.index("county_exit")
    assert county[0] == "county_exit"


def test_the_limit_that_is_missing_is_named_with_who_sets_it(client: Client) -> None:
    village = AreaVersion.objects.get(code=VILLAGE, valid_to=None)
    Designation.objects.create(area_id=village.area_id, kind="poor_village", valid_from=datetime.date(2014, 1, 1))
    VillageCondition.objects.create(
        area_id=village.area_id, year=2018, as_of=DAY, source="by_hand", recorded_at=timezone.now(), population=1
    )
    page = body(client.get(BEGIN, {"area": VILLAGE, "key": "village_exit", "day": "2018-12-01"}))
    assert "下列限值还没有定" in page
    found = re.search(r'href="(/standards/packs/national/limit:\w+/)">([^<]+)', page)
    assert found is not None
    assert "集体经济" in found[2]
    keeper = signed_in(account("keeper", "standards_keeper", COUNTY))
    assert 'name="value"' in body(keeper.get(found[1])), "the page that it leads to is where the limit is set"
    assert role("standards_keeper").title.zh in page.split("下列限值", 1)[1]
    plain = body(client.get(BEGIN, {"area": VILLAGE, "key": KEY, "day": "2018-12-01"}))
    assert "下列限值还没有定" not in plain


# -- a refusal names people -------------------------------------------------------------------------------------------


def test_a_refusal_that_names_households_is_a_reading_of_them() -> None:
    readlog.drain()
    before = ReadEntry.objects.count()
    with pytest.raises(Problem, match="refused"):
        begun("9901", "9904")
    readlog.drain()
    entry = ReadEntry.objects.order_by("-pk").first()
    assert ReadEntry.objects.count() == before + 1
    assert entry is not None
    assert (entry.what, entry.count) == ("standards.procedures", 1), "the one that is named"
    rows = begun("9901", "9902")
    with pytest.raises(Problem, match="refused"):
        services.act(local_admin(), {row.pk: 0 for row in rows}, weighing.Doing("verify", "confirmed", DAY, "甲"))
    readlog.drain()
    assert ReadEntry.objects.count() == before + 2
    assert ReadEntry.objects.latest("pk").count == 2


# -- the terminal -----------------------------------------------------------------------------------------------------


def run(*words: str) -> str:
    done = CliRunner().invoke(procedures_group, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_from_the_start_to_the_end_at_the_terminal() -> None:
    numbers = json.loads(run("begin", KEY, "9901", "9902", "--area", VILLAGE, "--on", "2018-12-01", "--json"))
    listed = json.loads(run("list", "--area", VILLAGE, "--json"))["procedures"]
    assert {each["subject"] for each in listed} == {"9901", "9902"}
    assert {each["due_step"] for each in listed} == {"review"}
    some = [str(each) for each in numbers["procedures"]]
    run("step", "review", "passed", *some, "--on", "2018-12-01", "--by", "甲")
    run("step", "verify", "confirmed", *some, "--on", "2018-12-02", "--by", "乙")
    run("step", "consent", "signed", *some, "--on", "2018-12-03", "--by", "户主", "--paper", "signature=档案 3")
    shown = json.loads(run("show", some[0], "--json"))
    assert [each["state"] for each in shown["steps"]][:3] == ["done", "done", "done"]
    assert shown["frozen_whole"] is True
    assert "张三" not in run("show", some[0])
    run("withdraw", some[1], "--on", "2018-12-04", "--reason", "误报")
    assert [each["subject"] for each in json.loads(run("list", "--state", "withdrawn", "--json"))["procedures"]]
    assert ProcedureAct.objects.filter(procedure_id=int(some[0])).count() == 3
    with pytest.raises(Problem):
        run("step", "review", "passed", "999999", "--on", "2018-12-01", "--by", "甲")
