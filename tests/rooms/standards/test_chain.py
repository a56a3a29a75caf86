"""All standards of a pack in one run: what is stored is what each would store alone, and each level is read once."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar

import orjson
import pytest
from click.testing import CliRunner
from django.urls import reverse

from console_city import City, restored
from people import account, signed_in
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.home import home
from tuopin.platform.models import AuditEntry
from tuopin.platform.problems import Problem, Refused
from tuopin.standards import evaluating, services
from tuopin.standards.cli import check_command
from tuopin.standards.loading import Database
from tuopin.standards.models import AreaFigures, AreaTally, Evaluation, Finding, Verdict
from tuopin.standards.packs import get_pack
from tuopin.standards.places import LEVELS
from tuopin.standards.services import evaluate, evaluate_chain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuopin.core.engine import Engine

pytestmark = pytest.mark.django_db(transaction=True)

PACK = "levels-test"
STANDARDS = {
    "household_exit": None,
    "village_verdicts": """
key = "village_verdicts"
title = { zh = "按户判定", en = "by the verdicts of households" }
level = "village"
uses = ["household_exit"]
show = ["failing"]
[fact.failing]
expr = "sum(not_met, member_count)"
unit = "person"
[group.not_met]
title = { zh = "未达标户", en = "households not met" }
from = "household"
where = "not household_exit"
[[item]]
key = "few_fail"
title = { zh = "未达标户不超过五分之一", en = "a fifth fails at most" }
test = "share(household, not household_exit) <= 0.2"
source = "s"
confidence = "found"
""",
    "township_target": """
key = "township_target"
title = { zh = "乡镇目标", en = "target of a township" }
level = "township"
uses = ["village_exit"]
show = ["villages", "persons_left"]
[group.not_exited]
title = { zh = "未脱贫户", en = "households not exited" }
from = "household"
where = "registration in ('registered', 'exit_proposed', 'returned')"
[fact.villages]
expr = "count(village)"
[fact.village_unexited]
level = "village"
expr = "sum(not_exited, member_count)"
unit = "person"
[fact.persons_left]
expr = "sum(village, village_unexited)"
unit = "person"
[fact.people]
expr = "sum(village, population)"
unit = "person"
[[item]]
key = "villages_out"
title = { zh = "八成村出列", en = "four villages in five are out" }
test = "share(village, village_exit) >= 0.8"
source = "s"
confidence = "found"
[[item]]
key = "incidence"
title = { zh = "建档立卡贫困发生率不高于2%", en = "register incidence of 2 % at most" }
test = "persons_left / people <= 0.02"
source = "s"
confidence = "found"
""",
    "city_target": """
key = "city_target"
title = { zh = "全市目标", en = "target of the city" }
level = "city"
uses = ["household_exit"]
show = ["people", "failing"]
[group.not_met]
title = { zh = "未达标户", en = "households not met" }
from = "household"
where = "not household_exit"
[fact.village_failing]
level = "village"
expr = "sum(not_met, member_count)"
[fact.township_failing]
level = "township"
expr = "sum(village, village_failing)"
[fact.county_failing]
level = "county"
expr = "sum(township, township_failing)"
[fact.failing]
expr = "sum(county, county_failing)"
[fact.township_people]
level = "township"
expr = "sum(village, population)"
[fact.county_people]
level = "county"
expr = "sum(township, township_people)"
[fact.people]
expr = "sum(county, county_people)"
[[item]]
key = "counties"
title = { zh = "有县", en = "has counties" }
test = "count(county) >= 1"
source = "s"
confidence = "found"
[[item]]
key = "verdict_incidence"
title = { zh = "判定贫困发生率不高于30%", en = "verdict incidence of 30 % at most" }
test = "failing / people <= 0.3"
source = "s"
confidence = "found"
""",
}


@pytest.fixture
def pack() -> Iterator[str]:
    """A pack on top of the city's, with standards of a village, a township and a city that count verdicts."""
    folder = home() / "packs" / PACK
    folder.mkdir(parents=True)
    (folder / "pack.toml").write_text(
        f'key = "{PACK}"\nversion = "1"\nbase = "shangqiu-2018"\ntitle.zh = "试"\ntitle.en = "test"\n'
    )
    for key, text in STANDARDS.items():
        if text is not None:
            (folder / f"{key}.toml").write_text(text)
    yield PACK
    shutil.rmtree(folder)


@pytest.fixture
def city(transactional_db: None, tmp_path_factory: pytest.TempPathFactory) -> City:
    found = restored(tmp_path_factory, households=200)
    Evaluation.objects.all().delete()
    return found


def asked() -> list[tuple[str, str]]:
    return [(PACK, key) for key in sorted(get_pack(PACK).standards)]


def rows(run: Evaluation) -> dict[str, Any]:
    """Everything that an evaluation stored, but ids and times."""
    return {
        "evaluation": {
            name: getattr(run, name)
            for name in ("digest", "tally", "items", "shown", "draft", "level", "parameter_hash", "kind", "area_id")
        },
        "verdicts": sorted(
            Verdict.objects.filter(evaluation=run).values_list("subject_id", "area_id", "letters", "shown")
        ),
        "findings": sorted(
            Finding.objects.filter(evaluation=run).values_list("item", "verdict", "subject_id", "area_id")
        ),
        "tallies": sorted(
            AreaTally.objects.filter(evaluation=run).values_list(
                "area_id", "item", "met", "not_met", "unknown", "not_applicable"
            )
        ),
        "figures": {
            area: orjson.dumps(counts, option=orjson.OPT_SORT_KEYS)
            for area, counts in AreaFigures.objects.filter(evaluation=run).values_list("area_id", "counts")
        },
    }


def test_the_chain_stores_row_by_row_what_each_standard_stores_alone(city: City, pack: str) -> None:
    day = city.summary.day
    together = {run.standard: rows(run) for run in evaluate_chain(local_admin(), asked(), day=day)}
    assert set(together) >= {"household_exit", "village_exit", "village_verdicts", "township_target", "city_target"}
    Evaluation.objects.all().delete()
    for _pack, key in asked():
        alone = rows(evaluate(local_admin(), key, day=day, pack=pack))
        assert together[key] == alone, key
    for key in ("village_verdicts", "township_target", "city_target"):
        assert together[key]["verdicts"], key
        letters = {letter for row in together[key]["verdicts"] for letter in row[2]}
        assert letters - {"u"}, "not everything is unknown"


def test_the_same_for_a_township_of_which_levels_above_say_nothing(city: City, pack: str) -> None:
    day, code = city.summary.day, city.township.code
    standards, left_out = evaluating.chain(get_pack(pack), code, day)
    keys = [each.key for each in standards]
    assert "city_target" not in keys
    assert keys.index("household_exit") < keys.index("village_exit") < keys.index("township_target")
    assert all(problem.zh for problem in left_out)
    made = evaluate_chain(local_admin(), [(pack, key) for key in keys], day=day, area=code)
    together = {run.standard: rows(run) for run in made}
    Evaluation.objects.all().delete()
    for key in keys:
        assert together[key] == rows(evaluate(local_admin(), key, day=day, pack=pack, area=code)), key


class Counting(Database):
    """Counts what is read of each table of the register."""

    read: ClassVar[Counter[str]] = Counter()

    def load(self, engine: Engine, name: str, sql: str, select: str) -> None:
        type(self).read[name] += 1
        super().load(engine, name, sql, select)


def test_each_table_is_read_once_whoever_needs_it(city: City, pack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from tuopin.standards import loading

    monkeypatch.setattr(loading, "Database", Counting)
    day = city.summary.day
    Counting.read = Counter()
    for _pack, key in asked():
        evaluate(local_admin(), key, day=day, pack=pack)
    alone = Counting.read
    Evaluation.objects.all().delete()
    Counting.read = Counter()
    evaluate_chain(local_admin(), asked(), day=day)
    assert set(Counting.read) == set(alone)
    assert max(Counting.read.values()) == 1, Counting.read
    assert alone["_household_links"] >= 6
    assert sum(Counting.read.values()) * 2 < sum(alone.values())


def test_nothing_is_judged_twice_and_one_that_is_missing_is_added(city: City, pack: str) -> None:
    day = city.summary.day
    first = evaluate(local_admin(), "household_exit", day=day, pack=pack)
    made = evaluate_chain(local_admin(), asked(), day=day)
    assert first.pk in {run.pk for run in made}
    again = evaluate_chain(local_admin(), asked(), day=day)
    assert [run.pk for run in again] == [run.pk for run in made]
    assert [run.standard for run in made] == [key for _pack, key in asked()], "in the order asked for"
    assert Evaluation.objects.count() == len(asked())
    assert AuditEntry.objects.filter(action="standards.evaluate", detail__contains=PACK).count() >= len(asked())


def test_a_crash_half_way_leaves_nothing(city: City, pack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stored: list[str] = []
    store = services._store

    def dies(actor: Any, due: Any, *rest: Any) -> None:
        if len(stored) == 3:
            raise OSError("power off")
        stored.append(due.prepared.standard.key)
        store(actor, due, *rest)

    monkeypatch.setattr(services, "_store", dies)
    before = AuditEntry.objects.count()
    with pytest.raises(OSError, match="power off"):
        evaluate_chain(local_admin(), asked(), day=city.summary.day)
    assert len(stored) == 3
    assert not Evaluation.objects.exists()
    assert not Verdict.objects.exists()
    assert AuditEntry.objects.count() == before


def test_a_chain_needs_standards_and_grants(city: City) -> None:
    day = city.summary.day
    for given in ([], [("national", "household_exit")] * 2):
        with pytest.raises(Problem, match="standards, each"):
            evaluate_chain(local_admin(), given, day=day)
    county = actor_for(account("chainclerk", "county", city.other.code))
    with pytest.raises((Refused, Problem)):
        evaluate_chain(county, [("national", "household_exit")], day=day)
    with pytest.raises(Problem, match="no standard"):
        evaluate_chain(local_admin(), [("national", "nothing")], day=day)


def test_the_page_says_what_runs_in_which_order(city: City) -> None:
    client = signed_in(account("chainclerk", "county", city.top.code))
    html = client.get("/standards/evaluate/", {"area": city.top.code}).content.decode()
    assert "全部标准，由低到高，一次核查" in html
    plan = evaluating.plan(local_admin(), city.top, city.summary.day)
    places = [html.index(f"<li>{each.title.zh} ") for each in plan.standards]
    assert places == sorted(places)
    assert [LEVELS.index(each.level) for each in plan.standards] == sorted(
        LEVELS.index(each.level) for each in plan.standards
    )
    assert len(places) >= 2


def test_the_command_judges_all_conditions_of_the_pack(city: City, pack: str) -> None:
    day = city.summary.day.isoformat()
    done = CliRunner().invoke(check_command, ["--chain", "--on", day, "--pack", pack, "--json"])
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    made = [(each["level"], each["standard"]) for each in document["evaluations"]]
    assert [LEVELS.index(level) for level, _key in made] == sorted(LEVELS.index(level) for level, _key in made)
    assert {("household", "household_exit"), ("township", "township_target"), ("city", "city_target")} <= set(made)
    assert len(made) == Evaluation.objects.count()
    for wrong in (
        ["--on", day],
        ["household_exit", "--chain", "--on", day],
        ["--chain", "--on", day, "--xlsx", "a.xlsx"],
    ):
        assert CliRunner().invoke(check_command, wrong).exit_code == 2


def test_pages_show_standards_of_townships_and_cities(city: City, pack: str) -> None:
    evaluate_chain(local_admin(), asked(), day=city.summary.day)
    client = signed_in(account("chainreader", "county", city.top.code))
    results = client.get(f"/areas/{city.top.code}/results/")
    assert results.status_code == 200
    assert "乡镇目标" in results.content.decode()
    assert "全市目标" in results.content.decode()
    listed = client.get(reverse("console:subjects", args=[city.top.code, "township_target"]))
    assert listed.status_code == 200
    assert city.township.code in listed.content.decode()
    assert "全市目标" in client.get(f"/areas/{city.top.code}/").content.decode()
    figures = client.get(f"/areas/{city.top.code}/figures/")
    assert figures.status_code == 200
    assert "乡镇目标：各指标判定" in figures.content.decode()
    town = client.get(f"/areas/{city.township.code}/")
    assert "乡镇目标" in town.content.decode()
