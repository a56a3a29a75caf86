"""The incidences of every area: counted again from the register, on the page of figures, as a file, by programs."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.utils import timezone

from console_city import City, restored
from people import account, signed_in
from rooms.console.test_api import Caller, secret_of
from tuopin.core.language.syntax import Compare
from tuopin.core.standards.incidence import PARTS
from tuopin.platform.access import local_admin
from tuopin.platform.database import bump_data_version, write
from tuopin.register.models import (
    AreaVersion,
    CountyCondition,
    CountySurvey,
    Membership,
    Residence,
    StatusPeriod,
    VillageCondition,
)
from tuopin.standards.incidence import of_area
from tuopin.standards.models import Evaluation, Verdict
from tuopin.standards.packs import get_pack
from tuopin.standards.services import evaluate_chain

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db(transaction=True)
UNEXITED = {"registered", "exit_proposed", "returned"}


@pytest.fixture
def city(transactional_db: None, tmp_path_factory: pytest.TempPathFactory) -> City:
    """With figures of both counties; one of them gives no interval."""
    found = restored(tmp_path_factory, households=160)
    common: dict[str, Any] = {"year": 2018, "as_of": found.summary.day, "recorded_at": timezone.now()}
    for at, county in enumerate(AreaVersion.objects.filter(level="county", valid_to=None).order_by("code")):
        CountyCondition.objects.create(area_id=county.area_id, rural_population=9_000 + at, **common)
        ends = {"missed_rate_low": 5_000, "missed_rate_high": 12_000} if at == 0 else {}
        ends |= {"wrong_exit_rate_low": 0, "wrong_exit_rate_high": 5_000} if at == 0 else {}
        survey = {"missed_rate": 10_000, "wrong_exit_rate": 2_500, **ends}
        CountySurvey.objects.create(area_id=county.area_id, **survey, **common)
    with write():
        bump_data_version()
    evaluate_chain(local_admin(), [("shangqiu-2018", "household_exit")], day=found.summary.day)
    return found


def inside(version: AreaVersion) -> set[int]:
    villages = AreaVersion.objects.filter(level="village", valid_to=None, path__startswith=version.path)
    return set(villages.values_list("area_id", flat=True))


def counted(version: AreaVersion, run: Evaluation) -> dict[str, int]:
    """Persons of an area, counted by the ORM."""
    homes = dict(
        Residence.objects.filter(valid_to=None, area_id__in=inside(version)).values_list("household_id", "area_id")
    )
    members: dict[int, int] = dict.fromkeys(homes, 0)
    for household in Membership.objects.filter(valid_to=None).values_list("household_id", flat=True):
        if household in members:
            members[household] += 1
    status = dict(StatusPeriod.objects.filter(axis="registration", valid_to=None).values_list("household_id", "value"))
    letters = dict(Verdict.objects.filter(evaluation=run).values_list("subject_id", "letters"))
    people = VillageCondition.objects.filter(superseded_at=None, area_id__in=inside(version))
    return {
        "unexited": sum(n for key, n in members.items() if status.get(key) in UNEXITED),
        "exited": sum(n for key, n in members.items() if status.get(key) == "exited"),
        "unclear": sum(n for key, n in members.items() if key not in status),
        "failing": sum(n for key, n in members.items() if letters[key][0] == "n"),
        "doubtful": sum(n for key, n in members.items() if letters[key][0] == "u"),
        "population": sum(each.population or 0 for each in people),
    }


def test_every_area_of_every_level_is_what_the_register_counts(city: City) -> None:
    run = Evaluation.objects.filter(standard="household_exit").latest("pk")
    areas = list(AreaVersion.objects.filter(valid_to=None, path__startswith=city.top.path))
    assert {each.level for each in areas} == {"city", "county", "township", "village"}
    for version in areas:
        found = of_area(version)
        assert found is not None
        expected = counted(version, run)
        register, verdict, composite = found.own.readings
        upper = version.level in ("city", "county")
        assert (register.low, register.high) == (
            expected["unexited"] * PARTS, (expected["unexited"] + expected["unclear"]) * PARTS,
        )  # fmt: skip
        assert (verdict.low, verdict.high) == (
            expected["failing"] * PARTS, (expected["failing"] + expected["doubtful"]) * PARTS,
        )  # fmt: skip
        assert register.basis == ("rural" if upper else "population")
        if not upper:
            assert register.denominator == expected["population"]
            assert not composite.is_known
            assert composite.missing
        if version.level == "county":
            rural = CountyCondition.objects.get(area_id=version.area_id).rural_population or 0
            assert register.denominator == rural
            others = rural - expected["unexited"] - expected["exited"] - expected["unclear"]
            parts = expected["unexited"] * PARTS + 2_500 * expected["exited"] + 10_000 * others
            assert expected["unclear"] == 0
            assert composite.estimated == Fraction(parts, PARTS * rural)


def test_parts_add_up_to_the_city(city: City) -> None:
    counties = list(AreaVersion.objects.filter(level="county", valid_to=None))
    found = of_area(city.top, counties)
    assert found is not None
    assert len(found.below) == 2
    for kind in ("register", "verdict", "composite"):
        own, below = found.own.of(kind), [each.of(kind) for each in found.below]
        assert own is not None
        assert own.denominator == 18_001
        for name in ("low", "high", "denominator"):
            assert getattr(own, name) == sum(getattr(each, name) for each in below), (kind, name)


def test_the_page_shows_them_side_by_side(city: City, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    client = signed_in(account("figures", "county", city.top.code))
    address = f"/areas/{city.top.code}/figures/"
    client.get(address)
    with django_assert_max_num_queries(20):
        html = client.get(address).content.decode()
    county = AreaVersion.objects.filter(level="county", valid_to=None).order_by("code")[0]
    for path in (f"/areas/{county.code}/figures/", f"/areas/{county.code}/"):
        client.get(path)
        with django_assert_max_num_queries(20):
            assert client.get(path).status_code == 200
    for said in ("三种贫困发生率", "建档立卡贫困发生率", "判定贫困发生率", "综合贫困发生率", "农业户籍人口", "18,001"):
        assert said in html
    assert "1 个县的调查未给区间，按估计值计" in html
    table = client.get(address, {"csv": "incidences"}).content.decode()
    lines = [line.split(",") for line in table.splitlines()]
    found = of_area(city.top)
    assert found is not None
    composite = found.own.of("composite")
    assert composite is not None
    row = next(line for line in lines if line[0].startswith("综合贫困发生率"))
    assert row[1].count(".") == 1
    assert len(row[1].split(".")[1]) == 4, "four decimals"
    assert row[5] == "18001"
    below = client.get(address, {"csv": "incidences-below"}).content.decode()
    assert below.count("\n") == 3 + 1 + 2
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = client.get(address).content.decode()
    assert "Three incidences of poverty" in page
    assert "registered rural population" in page


def test_a_county_is_held_against_the_limit_of_its_standard(city: City) -> None:
    county = AreaVersion.objects.filter(level="county", valid_to=None).order_by("code")[0]
    found = of_area(county)
    assert found is not None
    (limit,) = [each for each in found.own.limits if each.kind == "register"]
    assert (limit.operator, limit.value) == ("<", Fraction(2, 100))
    register = found.own.of("register")
    assert register is not None
    assert register.lowest is not None
    ((_limit, verdict),) = found.own.verdicts(register)
    assert verdict == ("met" if register.lowest < Fraction(2, 100) else "not_met")
    village = of_area(AreaVersion.objects.filter(level="village", valid_to=None)[0])
    assert village is not None
    assert [(each.kind, each.operator) for each in village.own.limits] == [("register", "<=")]


def test_nothing_is_said_outside_the_grants(city: City) -> None:
    client = signed_in(account("elsewhere", "township", city.township.code))
    assert client.get(f"/areas/{city.top.code}/figures/").status_code == 404
    assert "三种贫困发生率" in client.get(f"/areas/{city.township.code}/figures/").content.decode()


def test_programs_read_them_exactly(city: City) -> None:
    account("program", "county", city.top.code)
    program = Caller(secret_of("program"))
    answer = program.get("incidences", {"area": city.top.code, "below": "true"})
    assert answer.status_code == 200, answer.content
    own, *below = answer.json()
    assert (own["level"], [each["level"] for each in below]) == ("city", ["county", "county"])
    readings = {each["kind"]: each for each in own["readings"]}
    found = of_area(city.top)
    assert found is not None
    composite = found.own.of("composite")
    assert composite is not None
    assert composite.low is not None
    assert Fraction(readings["composite"]["numerator_low"]) == Fraction(composite.low, PARTS)
    assert readings["composite"]["denominator"] == 18_001
    assert len(readings["register"]["low_percent"].split(".")[1]) == 4
    county = {each["kind"]: each for each in below[0]["readings"]}
    assert county["register"]["limits"][0]["operator"] == "<"
    assert program.get("incidences", {"area": "nowhere"}).status_code == 404
    account("township", "township", city.township.code)
    assert Caller(secret_of("township")).get("incidences", {"area": city.top.code}).status_code == 404


def test_a_limit_that_is_no_ordering_is_none(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pack of a city may write ``incidence == limit``; its pages and the API answered 500."""
    from dataclasses import replace

    from tuopin.standards import incidence

    pack = get_pack("shangqiu-2018")
    key, standard = next((key, each) for key, each in pack.standards.items() if each.key == "county_exit")
    items = tuple(
        replace(item, test=replace(item.test, root=replace(item.test.root, operator="==")))
        if isinstance(item.test.root, Compare)
        else item
        for item in standard.items
    )
    changed = replace(pack, standards={**pack.standards, key: replace(standard, items=items)})
    monkeypatch.setattr(incidence, "get_pack", lambda _name: changed)
    found = of_area(AreaVersion.objects.filter(level="county", valid_to=None).order_by("code")[0])
    assert found is not None
    assert [found.own.verdicts(each) for each in found.own.readings] == [[], [], []]
