"""Evaluating the register: what is stored, what is reused, which facts count on a day, who may see what."""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from county import areas, household, households, person, taken, write
from tuopin.platform.access import Actor, local_admin
from tuopin.platform.models import AuditEntry, Grant, User
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.importing.services import import_paths
from tuopin.register.models import AreaVersion, Household, HouseholdLiving, Residence, StatusPeriod
from tuopin.standards.explaining.document import document
from tuopin.standards.explaining.subject import Explained, explain
from tuopin.standards.models import Evaluation, Finding, PackBinding, Verdict
from tuopin.standards.selectors import subjects_document
from tuopin.standards.services import bind_pack, evaluate

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)

DAY = datetime.date(2018, 12, 1)


def check(standard: str = "household_exit", **options: Any) -> Evaluation:
    return evaluate(local_admin(), standard, **({"day": DAY} | options))


def found(evaluation: Evaluation, actor: Actor | None = None) -> dict[str, dict[str, Any]]:
    document: dict[str, dict[str, Any]] = json.loads(
        orjson.dumps(subjects_document(actor or local_admin(), evaluation))
    )
    return document


def items_of(explained: Explained) -> dict[str, Any]:
    """The items of an explanation as the JSON document has them, by key."""
    return {item["key"]: item for item in orjson.loads(orjson.dumps(document(explained)))["items"]}


@pytest.fixture
def county(tmp_path: Path) -> Path:
    """Two villages in two townships, four households, one exit check and two rows of 村信息."""
    areas(tmp_path)
    households(
        tmp_path,
        household("9901"),
        household("9902", person("990201"), person("990202", 是否参加城乡居民基本医疗保险="否"), 工资性收入="20000"),
        household("9903", 脱贫属性="未脱贫", 工资性收入=""),
        household("9904", 镇="西乡", 村="丙村委会", 脱贫属性="注销"),
    )
    checks = [("9901", "是"), ("9902", "是"), ("9903", "是")]
    write(
        tmp_path / "脱贫核查.csv",
        (
            {"户编号": code, "户主姓名": "张三", "不愁吃": food, "不愁穿": "是", "核查日期": "2018-11-20"}
            for code, food in checks
        ),
    )
    taken("evaluated_county", tmp_path)
    return tmp_path


def test_verdicts_are_stored_for_all_and_findings_for_what_is_wanting(county: Path) -> None:
    evaluation = check()
    assert {code: verdicts["overall"] for code, verdicts in found(evaluation).items()} == {
        "9901": "met", "9902": "not_met", "9903": "unknown", "9904": "not_applicable",
    }  # fmt: skip
    assert found(evaluation)["9903"]["facts"] == {"income_per_head": None}
    assert found(evaluation)["9902"]["facts"] == {"income_per_head": "10000.00"}
    codes = dict(Household.objects.values_list("id", "code"))
    findings = {
        (codes[key], item, verdict)
        for key, item, verdict in Finding.objects.values_list("subject_id", "item", "verdict")
    }
    assert findings == {("9902", "medical", "not_met"), ("9903", "income", "unknown")}
    assert evaluation.tally["overall"] == {"met": 1, "not_met": 1, "unknown": 1, "not_applicable": 1}


def test_nothing_is_done_twice_and_a_change_of_data_is_seen(county: Path) -> None:
    first = check()
    assert check().pk == first.pk
    assert Verdict.objects.count() == 4
    households(county, household("9901", 主要住房是否危房="是"), day="2018-12-02", name="更正.csv")
    import_paths(local_admin(), [county / "更正.csv"])
    assert check().pk != first.pk  # other data, though nothing dated on or before the day has changed
    assert found(check())["9901"]["housing"] == "met"
    later = check(day=datetime.date(2018, 12, 2))
    assert found(later)["9901"]["housing"] == "not_met"


def test_day_pack_and_area_make_evaluations_of_their_own(county: Path) -> None:
    keys = {
        check().pk,
        check(day=datetime.date(2018, 12, 2)).pk,
        check(pack="shangqiu-2018").pk,
        check(area="990101100000").pk,
    }
    assert len(keys) == 4


def test_an_evaluation_is_one_audit_entry_without_personal_data(county: Path) -> None:
    check()
    check()
    (entry,) = AuditEntry.objects.filter(action="standards.evaluate")
    assert json.loads(entry.detail)["overall"] == {"met": 1, "not_met": 1, "unknown": 1, "not_applicable": 1}
    assert "9901" not in entry.detail


def test_an_area_of_any_level_narrows_the_register(county: Path) -> None:
    eastern, western = {"9901", "9902", "9903"}, {"9904"}
    areas_and_codes: list[tuple[str, set[str]]] = [
        ("990101100201", eastern),
        ("990101100202", set()),
        ("990101100000", eastern),
        ("990101101000", western),
        ("990101000000", eastern | western),
        ("990100000000", eastern | western),
        ("990000000000", eastern | western),
    ]
    for area, codes in areas_and_codes:
        assert found(check(area=area)).keys() == codes, area


def test_the_register_of_a_day_before_any_data_is_empty(county: Path) -> None:
    evaluation = check(day=datetime.date(2018, 1, 1))
    assert evaluation.tally["overall"] == {}
    assert found(evaluation) == {}


def test_status_and_residence_of_the_day_count(county: Path) -> None:
    key = Household.objects.get(code="9904").pk
    StatusPeriod.objects.filter(household_id=key).update(valid_to=datetime.date(2019, 1, 1))
    StatusPeriod.objects.create(
        household_id=key, axis="registration", value="registered", valid_from=datetime.date(2019, 1, 1)
    )
    assert found(check())["9904"]["overall"] == "not_applicable"
    assert found(check(day=datetime.date(2019, 1, 1)))["9904"]["overall"] == "unknown"
    Residence.objects.filter(household_id=key).update(valid_to=datetime.date(2019, 3, 1))
    assert "9904" in found(check(day=datetime.date(2019, 2, 28)))
    assert "9904" not in found(check(day=datetime.date(2019, 3, 1)))


def test_villages_are_judged_where_a_workbook_lists_them(county: Path) -> None:
    write(
        county / "村信息.csv",
        [
            {
                "县": "示范县",
                "镇": "东乡",
                "村": "甲村委会",
                "是否贫困村": "是",
                "总户数": "3",
                "总人口数": "50",
                "特色产业个数": "1",
            }
            | {"村级集体经济收入（万元）": "1.5", "通村公路是否硬化": "是", "是否通客运班车": "不具备条件"}
        ],
    )
    import_paths(local_admin(), [county / "村信息.csv"], as_of=DAY)
    villages = found(check("village_exit"))
    assert villages.keys() == {"990101100201"}
    village = villages["990101100201"]
    assert village["facts"] == {"population": 50, "unexited_persons": 1, "incidence": "0.020000"}
    assert [village[key] for key in ("incidence", "industry", "collective_income", "work_1", "work_2", "work_3")] == [
        "met", "met", "unknown", "met", "not_applicable", "unknown",
    ]  # fmt: skip


# ---- refusals ------------------------------------------------------------------------------------------------------


def test_what_cannot_be_evaluated_is_said(county: Path) -> None:
    refusals: list[tuple[dict[str, Any], str]] = [
        ({"standard": "nothing"}, "unknown_standard"),
        ({"pack": "nothing"}, "unknown_pack"),
        ({"area": "nothing"}, "no_such_area"),
        ({"day": datetime.date(2021, 1, 1)}, "no_value_on_day"),
    ]
    for options, code in refusals:
        with pytest.raises(Problem) as caught:
            check(**options)
        assert caught.value.code == code
    assert not Evaluation.objects.exists()


def test_a_faulty_pack_of_the_city_is_a_message_with_file_and_line(
    county: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUOPIN_HOME", str(tmp_path / "home"))
    folder = tmp_path / "home" / "packs" / "city"
    folder.mkdir(parents=True)
    (folder / "pack.toml").write_text(
        'key = "city"\nversion = "1"\nbase = "national"\ntitle = {zh = "市", en = "city"}\n', encoding="utf-8"
    )
    (folder / "extra.toml").write_text(
        'key = "extra"\ntitle = {zh = "一", en = "one"}\nlevel = "household"\n[[item]]\nkey = "water"\n'
        'title = {zh = "水", en = "water"}\ntest = "water_save"\nsource = "s"\nconfidence = "found"\n',
        encoding="utf-8",
    )
    with pytest.raises(Problem, match="extra") as caught:
        check("extra", pack="city")
    assert "line 7" in caught.value.en


# ---- packs of areas ------------------------------------------------------------------------------------------------


def test_the_nearest_bound_pack_of_the_day_holds(county: Path) -> None:
    bind_pack(local_admin(), "990101000000", "shangqiu-2018", valid_from=datetime.date(2018, 6, 1))
    assert check().pack == "shangqiu-2018"  # the county is the smallest area that holds the whole register
    assert check(area="990101100000").pack == "shangqiu-2018"
    assert check(area="990100000000").pack == "national"
    assert check(day=datetime.date(2018, 5, 31)).pack == "national"
    assert check(pack="national").pack == "national"


def test_a_new_binding_ends_the_one_before_and_overlaps_are_refused(county: Path) -> None:
    start = datetime.date(2018, 6, 1)
    bind_pack(local_admin(), "990101000000", "shangqiu-2018", valid_from=start)
    bind_pack(local_admin(), "990101000000", "national", valid_from=DAY)
    assert list(PackBinding.objects.order_by("valid_from").values_list("pack", "valid_to")) == [
        ("shangqiu-2018", DAY),
        ("national", None),
    ]
    with pytest.raises(Problem, match="binding_overlaps"):
        bind_pack(local_admin(), "990101000000", "national", valid_from=start)
    with pytest.raises(Missing):
        bind_pack(local_admin(), "990101000000", "nothing", valid_from=datetime.date(2020, 1, 1))
    assert PackBinding.objects.count() == 2


# ---- grants --------------------------------------------------------------------------------------------------------


def user(role: str, **scope: Any) -> Actor:
    account = User.objects.create(username=f"{role}{User.objects.count()}")
    Grant.objects.create(user=account, role=role, valid_from=datetime.date(2000, 1, 1), **scope)
    return Actor("user", account.pk, account.username)


def area_id(code: str) -> int:
    return AreaVersion.objects.get(code=code, valid_to=None).area_id


def test_a_county_office_evaluates_its_area_only(county: Path) -> None:
    actor = user("county", scope_kind="area", scope_id=area_id("990101101000"))
    assert found(evaluate(actor, "household_exit", day=DAY, area="990101101000"), actor).keys() == {"9904"}
    with pytest.raises(Refused):
        evaluate(actor, "household_exit", day=DAY, area="990101100000")
    with pytest.raises(Refused):
        evaluate(actor, "household_exit", day=DAY)


def test_nobody_sees_verdicts_outside_the_grants(county: Path) -> None:
    evaluation = check()
    western = user("township", scope_kind="area", scope_id=area_id("990101101000"))
    helper = user("helper", scope_kind="household", scope_id=Household.objects.get(code="9902").pk)
    stranger = Actor("user", User.objects.create(username="nobody").pk, "nobody")
    assert [found(evaluation, actor).keys() for actor in (western, helper, stranger)] == [{"9904"}, {"9902"}, set()]
    for actor, code in ((western, "9901"), (helper, "9901"), (stranger, "9902")):
        with pytest.raises(Missing):
            explain(actor, code)
    assert explain(helper, "9902")[0].explanation.overall == "not_met"


def test_classes_of_fields_outside_the_grant_are_hidden(county: Path) -> None:
    check()
    actor = user("headquarters", scope_kind="all")
    (explained,) = explain(actor, "9902")
    medical = items_of(explained)["medical"]
    assert medical["verdict"] == "not_met"
    assert {cell["value"]["zh"] for member in medical["members"] for cell in member["cells"]} == {"（不在您的授权内）"}
    assert {member["name"] for member in medical["members"]} == {"张三"}, "who may open the household sees its names"


# ---- explanation ---------------------------------------------------------------------------------------------------


def test_an_explanation_names_the_row_of_each_cell(county: Path) -> None:
    check()
    (explained,) = explain(local_admin(), "9902")
    items = items_of(explained)
    evidence = items["income"]["cells"][0]["evidence"]
    assert (evidence["file"], evidence["row"], evidence["as_of"]) == ("户人信息.csv", 4, "2018-12-01")
    assert items["food"]["cells"][0]["evidence"]["file"] == "脱贫核查.csv"
    assert [(member["code"], member["name"]) for member in items["medical"]["members"]] == [("990202", "张三")]
    assert explained.differs is False


def test_an_explanation_says_when_the_data_have_changed_since(county: Path) -> None:
    check()
    HouseholdLiving.objects.filter(household__code="9901").update(dangerous_house=True)
    (explained,) = explain(local_admin(), "9901")
    assert explained.differs is True
    assert explained.explanation.overall == "not_met"


def test_what_a_pack_that_is_gone_judged_is_left_out(county: Path) -> None:
    """One evaluation by a pack that was taken away made nothing of the household explainable."""
    check()
    lost = check(area="990101100000")
    Evaluation.objects.filter(pk=lost.pk).update(pack="taken_away", standard="of_then")
    assert [each.prepared.standard.key for each in explain(local_admin(), "9901")] == ["household_exit"]
    with pytest.raises(Problem, match="unknown_pack"):
        explain(local_admin(), "9901", standard="of_then")


def test_without_a_stored_verdict_standard_and_day_are_asked_for(county: Path) -> None:
    with pytest.raises(Problem, match="nothing_to_explain"):
        explain(local_admin(), "9901")
    assert explain(local_admin(), "9901", standard="household_exit", day=DAY)[0].differs is None
    with pytest.raises(Missing, match="no_such_subject"):
        explain(local_admin(), "1234")
    with pytest.raises(Missing, match="not_judged"):
        explain(local_admin(), "9901", standard="household_exit", day=datetime.date(2018, 1, 1))


def test_a_village_is_explained_by_its_households(county: Path) -> None:
    write(
        county / "村信息.csv",
        [{"县": "示范县", "镇": "东乡", "村": "甲村委会", "总户数": "3", "总人口数": "49", "特色产业个数": "0"}],
    )
    import_paths(local_admin(), [county / "村信息.csv"], as_of=DAY)
    (explained,) = explain(local_admin(), "990101100201", standard="village_exit", day=DAY)
    assert dict(explained.explanation.shown) == {"population": "49", "unexited_persons": "1", "incidence": "0.020408"}
    incidence = explained.explanation.items[0]
    assert [each.zh for each in incidence.distances] == ["超出 0.0408 个百分点"]


# ---- the workbook --------------------------------------------------------------------------------------------------


def test_the_workbook_holds_every_subject_as_text(county: Path, tmp_path: Path) -> None:
    import python_calamine

    from tuopin.standards.workbook import write_verdicts

    path = tmp_path / "判定.xlsx"
    digest = write_verdicts(local_admin(), check(), str(path))
    assert len(digest) == 64
    rows = python_calamine.load_workbook(str(path)).get_sheet_by_index(0).to_python()
    assert rows[1][:3] == ["编码", "总评", "年人均纯收入稳定超过国家扶贫标准"]
    assert [row[:2] for row in rows[2:]] == [["9901", "达标"], ["9902", "未达标"], ["9903", "未知"], ["9904", "不适用"]]
    assert "草案" in str(rows[0][0])
