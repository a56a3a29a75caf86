"""Doubts of data quality: evaluated beside an area's own pack, shown with who and what to do, vouched for a while."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone

from county import areas, household, households, person, taken, write
from people import account, signed_in
from tuopin.platform.access import actor_for, grants_of, local_admin
from tuopin.platform.api import tokens
from tuopin.platform.models import AuditEntry
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register import selectors as register
from tuopin.register.importing.services import import_paths
from tuopin.register.models import AreaVersion, Household
from tuopin.standards import doubts, waivers
from tuopin.standards.models import Evaluation, FindingWaiver
from tuopin.standards.services import evaluate

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)

DAY = datetime.date(2018, 12, 1)
COUNTY, EAST, WEST = "990101000000", "990101100000", "990101101000"
PAGE = "/standards/quality/"
RULE = f"{PAGE}household_quality/arable_beyond/"
ITEM = "arable_beyond"
YEAR = datetime.timedelta(days=365)


@pytest.fixture(autouse=True)
def run(tmp_path: Path) -> Evaluation:
    """Two townships; three households with more than 100 mu, one of them with a child who works; one is clean."""
    areas(tmp_path)
    households(
        tmp_path,
        household("9901", 耕地面积="120"),
        household(
            "9902",
            person("990201", 与户主关系="户主"),
            person("990202", 与户主关系="之子", 出生日期="2005-01-01", 务工所在地="省外", **{"务工时间（月）": "3"}),
            耕地面积="150",
        ),
        household("9903", 耕地面积="100"),
        household("9904", 镇="西乡", 村="丙村委会", 耕地面积="300"),
    )
    taken("doubtful_county", tmp_path, as_of=DAY)
    return evaluate(local_admin(), "household_quality", day=DAY, pack="data-quality")


def client(role: str = "county", area: str = COUNTY) -> Client:
    return signed_in(account(f"{role}{area}", role, area))


def ids(*codes: str) -> list[int]:
    return sorted(Household.objects.filter(code__in=codes).values_list("pk", flat=True))


def soon() -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=30)


def waive(run: Evaluation, *codes: str, **options: Any) -> int:
    given: dict[str, Any] = {"reason": "已入户核实", "until": soon()} | options
    return waivers.waive(given.pop("actor", local_admin()), run, given.pop("item", ITEM), ids(*codes), **given)


def of_county(item: str = ITEM) -> doubts.Rule:
    area = register.area(local_admin(), COUNTY)
    (found,) = doubts.of_area(local_admin(), area)
    return next(rule for rule in found.rules if rule.item.key == item)


def listed(client: Client, **query: str) -> set[str]:
    address = f"/areas/{COUNTY}/households/"
    text = client.get(address, {"standard": "household_quality", "item": ITEM, "verdict": "not_met"} | query)
    page = text.content.decode()
    return {code for code in ("9901", "9902", "9903", "9904") if f"/households/{code}/" in page}


# -- what is found ------------------------------------------------------------------------------------------------


def test_the_evaluation_is_of_its_kind_and_counts_doubts(run: Evaluation) -> None:
    assert run.kind == "quality"
    rule = of_county()
    assert (rule.found, rule.waived, rule.open, rule.unknown) == (3, 0, 3, 0)
    assert of_county("id_placeholder").waiting is not None
    assert of_county("no_helper").waiting is None, "duties publishes helpers"
    area = register.area(local_admin(), COUNTY)
    below = [register.area(local_admin(), code) for code in (EAST, WEST)]
    (found,) = doubts.of_area(local_admin(), area, below)
    counted = next(each for each in found.rules if each.item.key == ITEM)
    assert [number for _area, number in counted.below] == [2, 1]


def test_pages_of_results_leave_rules_of_quality_to_their_own_page() -> None:
    evaluate(local_admin(), "household_exit", day=DAY)
    reader = client()
    assert "户数据质量" not in reader.get(f"/areas/{COUNTY}/results/").content.decode()
    page = reader.get(PAGE, {"area": COUNTY}).content.decode()
    assert "户数据质量" in page
    assert "耕地面积过大" in page
    assert "等待“登记册”数据接入" in page
    assert "未达标" not in page


def test_a_household_shows_its_doubts_with_the_member_and_what_to_do() -> None:
    page = client().get("/households/9902/").content.decode()
    assert "未满16周岁务工" in page
    assert "耕地面积过大" in page
    assert "高出 50" in page
    assert "立即核实" in page
    assert "户数据质量" in page
    assert "发现疑点" in page
    assert "未达标" not in page
    assert f"{RULE}?area=" in page
    assert RULE not in client("village").get("/households/9902/").content.decode(), "a village does not vouch"


def test_a_village_shows_its_doubts_and_they_can_be_vouched_for(tmp_path: Path) -> None:
    write(
        tmp_path / "村信息.csv",
        [
            {"县": "示范县", "镇": "东乡", "村": "甲村委会", "是否贫困村": "是", "总户数": "2", "总人口数": "20"}
            | {"特色产业个数": "1", "村级集体经济收入（万元）": "1.5", "通村公路是否硬化": "是"}
        ],
    )
    import_paths(local_admin(), [tmp_path / "村信息.csv"], as_of=DAY)
    run = evaluate(local_admin(), "village_quality", day=DAY, pack="data-quality")
    reader, address = client(), f"{PAGE}village_quality/households_beyond_total/"
    page = reader.get(address, {"area": COUNTY}).content.decode()
    assert page.count('name="i"') == 1
    (found,) = waivers.found(local_admin(), run, "households_beyond_total", None)
    village = AreaVersion.objects.get(area_id=found.subject_id)
    assert village.code in page
    form = {"do": "preview", "scope": "all", "reason": "已核实", "until": soon().isoformat()}
    assert village.code in reader.post(f"{address}?area={COUNTY}", form).content.decode()
    assert reader.post(f"{address}?area={COUNTY}", form | {"do": "waive", "expected": "1"}).status_code == 302
    shown = reader.get(f"/areas/{village.code}/results/").content.decode()
    assert "登记户数超过总户数" in shown
    assert "已核实无误，至" in shown
    listed = reader.get(f"/areas/{COUNTY}/villages/", {"standard": "village_quality", "waived": "1"}).content.decode()
    assert f"/areas/{village.code}/" in listed


def test_lists_say_which_doubts_and_take_the_words_of_the_kind() -> None:
    reader = client()
    assert listed(reader) == {"9901", "9902", "9904"}
    page = reader.get(f"/areas/{COUNTY}/households/", {"standard": "household_quality"}).content.decode()
    assert "未满16周岁务工；" in page or "；未满16周岁务工" in page
    address = f"/areas/{COUNTY}/households/?standard=household_quality&item={ITEM}&verdict=not_met"
    answer = reader.post(address, {"export": "csv"})
    text = b"".join(answer.streaming_content if answer.streaming else [answer.content]).decode("utf-8-sig")
    assert "发现疑点" in text
    assert "未达标" not in text


# -- vouching for a doubt -----------------------------------------------------------------------------------------


def test_what_is_vouched_for_is_marked_and_no_longer_open(run: Evaluation) -> None:
    reader = client()
    assert listed(reader, waived="0") == {"9901", "9902", "9904"}
    assert waive(run, "9901", "9904") == 2
    rule = of_county()
    assert (rule.found, rule.waived, rule.open) == (3, 2, 1)
    assert listed(reader, waived="0") == {"9902"}, "a count kept from before the waiver is not shown"
    assert listed(reader, waived="1") == {"9901", "9904"}
    assert listed(reader) == {"9901", "9902", "9904"}
    page = reader.get("/households/9901/").content.decode()
    assert f"已核实无误，至 {soon()}" in page
    assert "已入户核实" in page
    entry = AuditEntry.objects.order_by("-pk").first()
    assert entry is not None
    assert entry.action == "standards.waive_finding"
    assert "9901" not in str(entry.detail)
    assert "入户" not in str(entry.detail), "a reason may name somebody: it stays with the waiver"


def test_the_next_evaluation_finds_it_again_and_it_stays_vouched_for(run: Evaluation, tmp_path: Path) -> None:
    waive(run, "9901")
    later = evaluate(local_admin(), "household_quality", day=DAY + YEAR, pack="data-quality")
    assert later.pk != run.pk
    assert (of_county().found, of_county().waived) == (3, 1)


def test_a_waiver_ends_on_its_day_and_by_hand(run: Evaluation) -> None:
    waive(run, "9901", until=timezone.localdate())
    assert of_county().waived == 1, "its last day is included"
    FindingWaiver.objects.update(until=timezone.localdate() - datetime.timedelta(days=1))
    assert of_county().waived == 0
    assert listed(client(), waived="0") == {"9901", "9902", "9904"}
    waive(run, "9901", reason="再次核实")
    assert FindingWaiver.objects.count() == 2
    assert FindingWaiver.objects.filter(ended_at=None).get().reason == "再次核实"
    assert waivers.end(local_admin(), run, ITEM, ids("9901", "9902")) == 1
    assert of_county().waived == 0
    assert FindingWaiver.objects.exclude(ended_at=None).count() == 2
    assert waivers.end(local_admin(), run, ITEM, ids("9901")) == 0


def test_what_was_vouched_for_counts_where_it_is_found_now(run: Evaluation) -> None:
    """A household moves after somebody vouched for it: the count of its new village agrees with the list."""
    waive(run, "9901")
    before = AreaVersion.objects.get(name="丙村委会")
    FindingWaiver.objects.update(area_id=before.area_id)
    waived = {}
    for code in (EAST, WEST):
        (found,) = doubts.of_area(local_admin(), register.area(local_admin(), code))
        rule = next(each for each in found.rules if each.item.key == ITEM)
        waived[code] = (rule.found, rule.waived, rule.open)
    assert waived == {EAST: (2, 1, 1), WEST: (1, 0, 1)}


def test_another_rule_of_the_household_stays_open(run: Evaluation) -> None:
    waive(run, "9902")
    query = {"standard": "household_quality", "waived": "0", "item": "", "verdict": ""}
    assert "9902" in listed(client("county"), **query)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"reason": " "}, "no_reason"),
        ({"reason": "x" * 501}, "no_reason"),
        ({"reason": "一行\n二行"}, "no_reason"),
        ({"until": timezone.localdate() - datetime.timedelta(days=1)}, "bad_until"),
        ({"until": timezone.localdate() + datetime.timedelta(days=401)}, "bad_until"),
        ({"item": "no_such_rule"}, "not_quality"),
        ({"item": "road_far"}, "no_such_finding"),
    ],
)
def test_a_waiver_needs_a_doubt_a_reason_and_a_day(run: Evaluation, options: dict[str, Any], code: str) -> None:
    with pytest.raises(Problem) as caught:
        waive(run, "9901", **options)
    assert caught.value.code == code
    assert not FindingWaiver.objects.exists()


def test_a_clean_household_and_a_condition_cannot_be_vouched_for(run: Evaluation) -> None:
    with pytest.raises(Missing):
        waive(run, "9901", "9903")
    conditions = evaluate(local_admin(), "household_exit", day=DAY)
    with pytest.raises(Problem) as caught:
        waive(conditions, "9901", item="income")
    assert caught.value.code == "not_quality"
    with pytest.raises(Problem):
        waivers.waive(local_admin(), run, ITEM, [], "已核实", soon())


def test_who_may_vouch_for_what(run: Evaluation) -> None:
    east = actor_for(account("east", "township", EAST))
    assert waive(run, "9901", actor=east) == 1
    with pytest.raises(Missing):
        waive(run, "9904", actor=east)
    assert waivers.end(east, run, ITEM, ids("9904")) == 0
    for role in ("village", "auditor", "headquarters"):
        reader = account(role, role, COUNTY)
        with pytest.raises(Refused):
            waive(run, "9902", actor=actor_for(reader))
        assert signed_in(reader).get(RULE, {"area": COUNTY}).status_code == 403
        assert signed_in(reader).post(f"{RULE}?area={COUNTY}", {"do": "waive"}).status_code == 403


# -- pages --------------------------------------------------------------------------------------------------------


def press(reader: Client, **form: Any) -> Any:
    given = {"reason": "已入户核实", "until": soon().isoformat(), "do": "preview"} | form
    return reader.post(f"{RULE}?area={COUNTY}", given)


def test_many_are_vouched_for_after_a_preview() -> None:
    reader = client()
    page = reader.get(RULE, {"area": COUNTY}).content.decode()
    assert page.count('name="i"') == 3
    preview = press(reader, scope="all").content.decode()
    assert "将把 3 条疑点记为已核实无误" in preview
    assert "9904" in preview
    assert not FindingWaiver.objects.exists()
    assert press(reader, scope="all", do="waive", expected="2").status_code == 400, "not what was previewed"
    assert press(reader, scope="all", do="waive", expected="3").status_code == 302
    assert FindingWaiver.objects.count() == 3
    assert "已核实无误，至" in reader.get(RULE, {"area": COUNTY}).content.decode()
    [one] = ids("9901")
    preview = press(reader, do="unwaive", i=[one]).content.decode()
    assert "将收回 1 条的核实" in preview
    assert "9901" in preview
    assert FindingWaiver.objects.filter(ended_at=None).count() == 3, "a preview takes nothing back"
    assert press(reader, do="end", i=[one], expected="2").status_code == 400, "not what was previewed"
    assert press(reader, do="end", i=[one], expected="1").status_code == 302
    assert FindingWaiver.objects.filter(ended_at=None).count() == 2
    assert "将收回 2 条的核实" in press(reader, do="unwaive", scope="all").content.decode()


def test_a_township_vouches_for_its_own_alone() -> None:
    reader = client("township", EAST)
    page = reader.get(RULE, {"area": EAST}).content.decode()
    assert page.count('name="i"') == 2
    answer = reader.post(f"{RULE}?area={EAST}", {"do": "waive", "i": ids("9904"), "reason": "已核实", "expected": "1",
                                                 "until": soon().isoformat()})  # fmt: skip
    assert answer.status_code == 404
    for foreign in (ids("9904"), ids("9901", "9904"), [10**15]):
        form = {"do": "preview", "i": foreign, "reason": "已核实", "until": soon().isoformat()}
        answer = reader.post(f"{RULE}?area={EAST}", form)
        assert answer.status_code == 404, "a preview names nobody outside the grants"
        assert "丙村" not in answer.content.decode()
    assert reader.get(RULE, {"area": COUNTY}).status_code == 404
    assert not FindingWaiver.objects.exists()


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"i": ["x", "-1", "9" * 30, "1\0"]},
        {"i": ["1"] * 5000},
        {"i": ["1"], "until": "2018-13-40"},
        {"scope": "all", "until": ""},
        {"scope": "all", "reason": ""},
        {"scope": "all", "reason": "=cmd|' /C calc'!A0\n"},
    ],
)
def test_a_bad_form_is_said_in_words(form: dict[str, Any]) -> None:
    reader = client()
    for do in ("preview", "waive"):
        assert press(reader, do=do, **form).status_code in {400, 404}
    assert not FindingWaiver.objects.exists()


def test_addresses_that_do_not_exist() -> None:
    reader = client()
    for address in (f"{PAGE}household_quality/no_such/", f"{PAGE}no_such/{ITEM}/", f"{PAGE}household_exit/income/"):
        assert reader.get(address, {"area": COUNTY}).status_code == 404
    assert reader.get(RULE, {"area": COUNTY, "after": "x" * 500}).status_code == 200
    assert reader.get(PAGE, {"area": "nowhere"}).status_code == 404
    page = reader.get(f"/areas/{COUNTY}/households/", {"standard": "household_quality", "waived": "perhaps"})
    assert page.status_code == 400


def test_the_pages_ask_few_questions(django_assert_max_num_queries: Any, run: Evaluation) -> None:
    reader = client()
    waive(run, "9901")
    evaluate(local_admin(), "household_exit", day=DAY)
    listing = f"/areas/{COUNTY}/households/?standard=household_quality&item={ITEM}&waived=0"
    for address in (PAGE, RULE, listing, "/households/9902/"):
        reader.get(address, {} if "?" in address else {"area": COUNTY})
        with django_assert_max_num_queries(20):
            reader.get(address, {} if "?" in address else {"area": COUNTY})


def test_a_reason_with_script_is_text(run: Evaluation) -> None:
    waive(run, "9901", reason="<script>alert(1)</script>")
    for address in (RULE, "/households/9901/"):
        page = client_of_county(address)
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page


def client_of_county(address: str) -> str:
    from tuopin.platform.models import User

    made = User.objects.filter(username=f"county{COUNTY}").first()
    reader = signed_in(made) if made else client()
    return str(reader.get(address, {"area": COUNTY}).content.decode())


def test_the_api_reads_the_counts(run: Evaluation) -> None:
    waive(run, "9901")
    owner = actor_for(account("program", "county", COUNTY))
    grants = [grant.pk for grant in grants_of(owner)]
    secret = tokens.make_token(
        owner, "test", grants=grants, permissions=[each.name for each in tokens.offered(owner)], days=1
    )[1]
    headers = {"host": "localhost", "Authorization": f"Bearer {secret}"}
    found = {each["rule"]: each for each in Client().get(f"/api/quality?area={COUNTY}", headers=headers).json()}
    assert (found[ITEM]["found"], found[ITEM]["waived"], found[ITEM]["open"]) == (3, 1, 2)
    assert found["id_placeholder"]["waiting"]["zh"] == "等待“登记册”数据接入"
    assert Client().get("/api/quality?area=nowhere", headers=headers).status_code == 404
