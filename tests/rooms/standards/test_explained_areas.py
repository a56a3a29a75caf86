"""Villages and counties explained: who counts, who fails, who can fill a blank, what was stored of those below."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from django.utils import timezone

from county import areas, household, person, taken, write
from tuopin.platform.access import Actor, local_admin
from tuopin.platform.auditing import readlog
from tuopin.platform.database import bump_data_version
from tuopin.platform.database import write as writing
from tuopin.platform.models import Grant, ReadEntry, User
from tuopin.platform.problems import Missing, Problem
from tuopin.register.importing.services import import_paths
from tuopin.register.models import AreaVersion, CountyCondition, CountySurvey, StatusPeriod, VillageCondition
from tuopin.standards.explaining.document import document
from tuopin.standards.explaining.subject import explain
from tuopin.standards.explaining.text import explanation_text
from tuopin.standards.services import evaluate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db(transaction=True)

DAY = datetime.date(2018, 12, 1)
COUNTY, VILLAGE = "990101000000", "990101100201"


@pytest.fixture
def county(tmp_path: Path) -> Path:
    """Twelve households not exited and one exited in one village, one exited in another, with 村信息."""
    areas(tmp_path)
    left = [household(f"99{at:02d}", person(f"99{at:02d}01"), person(f"99{at:02d}02"), 脱贫属性="未脱贫",
                      工资性收入="4000") for at in range(10, 22)]  # fmt: skip
    rows = [row for each in left for row in each] + household("9901") + household("9904", 镇="西乡", 村="丙村委会")
    write(tmp_path / "户人信息.csv", rows)
    for name, town, people in (("甲村委会", "东乡", "500"), ("丙村委会", "西乡", "300")):
        write(
            tmp_path / f"村信息{name}.csv",
            [{"县": "示范县", "镇": town, "村": name, "总户数": "90", "总人口数": people, "特色产业个数": "1"}],
        )
    taken("explained_county", tmp_path, as_of=DAY)
    return tmp_path


def figures(**given: Any) -> None:
    """The county's own rows, and a survey."""
    key = AreaVersion.objects.get(code=COUNTY, valid_to=None).area_id
    row = {"area_id": key, "year": 2018, "recorded_at": timezone.now()}
    with writing():
        CountyCondition.objects.create(**row | {"as_of": DAY, "rural_population": 1000} | given)
        CountySurvey.objects.create(
            **row, as_of=datetime.date(2018, 10, 20), missed_rate=18_000, missed_rate_low=12_000,
            missed_rate_high=24_000, missed_sample=1200, survey_source="第三方评估",
        )  # fmt: skip


def judged() -> None:
    for standard in ("household_exit", "village_exit", "county_exit"):
        evaluate(local_admin(), standard, day=DAY, pack="shangqiu-2018")


def explained(code: str, standard: str, actor: Actor | None = None) -> dict[str, Any]:
    (found,) = explain(actor or local_admin(), code, standard=standard)
    made: dict[str, Any] = orjson.loads(orjson.dumps(document(found)))
    return made


def items(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {item["key"]: item for item in found["items"]}


def user(role: str, code: str = "", **scope: Any) -> Actor:
    account = User.objects.create(username=f"{role}{User.objects.count()}")
    if code:
        scope = {"scope_kind": "area", "scope_id": AreaVersion.objects.get(code=code, valid_to=None).area_id}
    Grant.objects.create(user=account, role=role, valid_from=datetime.date(2000, 1, 1), **scope)
    return Actor("user", account.pk, account.username)


def test_a_village_names_who_counts_and_what_turns_it(county: Path) -> None:
    judged()
    found = explained(VILLAGE, "village_exit")
    incidence = items(found)["incidence"]
    assert (found["overall"], incidence["verdict"], found["differs_from_stored"]) == ("not_met", "not_met", False)
    assert [(each["name"], each["value"]["zh"]) for each in incidence["values"]] == [
        ("incidence", "4.80%"), ("unexited_persons", "24 人"),
    ]  # fmt: skip
    assert [each["zh"] for each in incidence["distance"]] == ["超出 2.80 个百分点"]
    assert [each["zh"] for each in incidence["turns"]] == ["未脱贫人口再减少 14 人即达标"]
    (counted,) = incidence["counted"]
    assert (counted["title"]["zh"], counted["sure"], counted["unsure"]) == ("未脱贫户", 12, 0)
    assert len(counted["members"]) == 10, "the first ten are named, the others counted"
    assert counted["members"][0]["name"] == "张三"
    (evidence,) = {each["evidence"]["file"]: each["evidence"] for each in incidence["cells"]}.values()
    assert (evidence["file"], evidence["source"], evidence["days"]) == ("村信息甲村委会.csv", "national_export", 0)
    (below,) = found["below"]
    assert (below["level"], below["counts"]["not_met"], len(below["not_met"])) == ("household", 12, 10)
    assert [each["zh"] for each in below["not_met"][0]["items"]] == ["收入"]
    assert f"/areas/{VILLAGE}/households/" in below["lists"]["not_met"]


def test_a_reader_of_figures_alone_gets_counts_and_no_household(county: Path) -> None:
    judged()
    found = explained(VILLAGE, "village_exit", user("department", VILLAGE))
    (counted,) = items(found)["incidence"]["counted"]
    assert (counted["sure"], counted["members"]) == (12, [])
    (below,) = found["below"]
    assert (below["counts"]["not_met"], below["not_met"], below["lists"]) == (12, [], {})
    assert "张三" not in str(found)
    assert "9910" not in str(found)
    with pytest.raises(Missing):
        explain(user("department", "990101101000"), VILLAGE, standard="village_exit")


def test_reading_named_households_is_noted(county: Path) -> None:
    judged()
    township = user("township", VILLAGE)
    explained(VILLAGE, "village_exit", township)
    readlog.drain()
    noted = dict(ReadEntry.objects.filter(user_id=township.user_id).values_list("what", "count"))
    key = AreaVersion.objects.get(code=VILLAGE, valid_to=None).area_id
    expected = {f"village:{key}": 1, f"area:{key}": 11}  # ten who count and ten who fail are eleven households
    assert noted.items() >= expected.items()


def test_a_blank_names_its_column_and_who_fills_it(county: Path) -> None:
    VillageCondition.objects.update(population=None)
    judged()
    found = explained(VILLAGE, "village_exit")
    (gap,) = items(found)["incidence"]["fill"]
    assert (gap["name"], gap["header"], gap["workbook"]["zh"]) == ("population", "总人口数", "村信息")
    assert gap["who"]["zh"] == "村填报，乡镇导入村信息表"
    assert gap["form"].endswith(f"/corrections/village/{VILLAGE}/")
    assert {"乡镇", "县级扶贫办"} <= {each["zh"] for each in gap["roles"]}
    limit = items(found)["collective_income"]["fill"][0]
    assert (limit["name"], limit["workbook"]) == ("collective_income_limit", None)
    seen = items(explained(VILLAGE, "village_exit", user("headquarters", scope_kind="all")))["incidence"]["fill"][0]
    assert (seen["form"], seen["import"]) == (None, None), "who may not correct is not led to the form"


def test_an_unknown_status_is_a_household_that_may_count(county: Path) -> None:
    StatusPeriod.objects.filter(household__code="9910").delete()
    judged()
    incidence = items(explained(VILLAGE, "village_exit"))["incidence"]
    (counted,) = incidence["counted"]
    assert (incidence["verdict"], counted["sure"], counted["unsure"]) == ("unknown", 11, 1)
    assert [each["code"] for each in counted["members"] if not each["counts"]] == ["9910"]
    assert [(gap["name"], gap["header"], gap["blank_of"]) for gap in incidence["fill"]] == [
        ("registration", "脱贫属性", 1)
    ]


# -- the county -----------------------------------------------------------------------------------------------------


def test_a_county_is_explained_by_what_was_stored(
    county: Path, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    figures()
    judged()
    with django_assert_max_num_queries(20):
        found = explained(COUNTY, "county_exit")
    told = items(found)
    assert (found["overall"], found["data_changed_since"], found["differs_from_stored"]) == ("not_met", False, False)
    incidence = told["incidence"]
    assert [(each["name"], each["value"]["zh"]) for each in incidence["values"]] == [
        ("incidence", "2.40%"), ("unexited_persons", "24 人"),
    ]  # fmt: skip
    assert [each["zh"] for each in incidence["turns"]] == ["未脱贫人口再减少 5 人即达标"]
    missed = {cell["name"]: cell for cell in told["missed_rate"]["cells"]}
    assert {name: cell["value"]["zh"] for name, cell in missed.items()} == {
        "missed_rate": "1.80%", "missed_rate_low": "1.20%", "missed_rate_high": "2.40%", "missed_sample": "1200",
        "survey_source": "第三方评估",
    }  # fmt: skip
    assert (missed["missed_rate"]["evidence"]["as_of"], missed["missed_rate"]["evidence"]["days"]) == ("2018-10-20", 42)
    assert told["services"]["reason"]["zh"] == "限值未定，不作判定"
    assert [each["zh"] for each in told["services"]["unconfirmed"]] == ["限值未定：“接近”平均水平的容许差距"]
    villages, households = found["below"]
    assert (villages["level"], villages["counts"]["not_met"]) == ("village", 1)
    assert [(each["name"], each["items"][0]["zh"]) for each in villages["not_met"]] == [("甲村委会", "发生率")]
    assert (households["counts"]["not_met"], households["not_met"]) == (12, []), "households of a county are counted"
    assert households["persons"][0] == {"title": {"zh": "未脱贫人口", "en": "persons not exited"}, "number": 24}


def test_the_size_of_a_county_does_not_cost_queries(
    county: Path, django_assert_max_num_queries: DjangoAssertNumQueries, capture: Callable[[str], int]
) -> None:
    figures()
    judged()
    before = capture(COUNTY)
    more = [household(f"98{at:02d}", 脱贫属性="未脱贫") for at in range(40)]
    write(county / "更多.csv", [row for each in more for row in each])
    import_paths(local_admin(), [county / "更多.csv"], as_of=DAY)
    judged()
    assert capture(COUNTY) == before


@pytest.fixture
def capture() -> Callable[[str], int]:
    """How many queries an explanation takes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count(code: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            explained(code, "county_exit")
        assert not any("register_person" in query["sql"] for query in queries), "no person is read"
        return len(queries)

    return count


def test_data_that_changed_since_are_told(county: Path) -> None:
    figures()
    judged()
    with writing():
        CountyCondition.objects.update(rural_population=5000)
        bump_data_version()
    found = explained(COUNTY, "county_exit")
    incidence = items(found)["incidence"]
    assert (found["data_changed_since"], found["differs_from_stored"]) == (True, True)
    assert (incidence["verdict"], incidence["distance"], incidence["turns"]) == ("not_met", [], [])
    assert "重新核查" in incidence["reason"]["zh"]


def test_a_county_that_nobody_evaluated_is_not_added_up_for_the_asking(county: Path) -> None:
    figures()
    with pytest.raises(Problem, match="not_evaluated"):
        explain(local_admin(), COUNTY, standard="county_exit", day=DAY, pack="shangqiu-2018")


@pytest.mark.parametrize("population", [0, None])
def test_a_county_without_population_says_what_is_missing(county: Path, population: int | None) -> None:
    figures(rural_population=population)
    judged()
    incidence = items(explained(COUNTY, "county_exit"))["incidence"]
    assert (incidence["verdict"], incidence["distance"], incidence["turns"]) == ("unknown", [], [])
    assert [gap["name"] for gap in incidence["fill"]] == (["rural_population"] if population is None else [])


def test_the_terminal_says_the_same(county: Path) -> None:
    figures()
    judged()
    text = explanation_text(
        explained(COUNTY, "county_exit"), lambda title: title["zh"] if isinstance(title, dict) else title.zh
    )
    for expected in ("再减少 5 人即达标", "甲村委会", "1.20%", "限值未定"):
        assert expected in text
