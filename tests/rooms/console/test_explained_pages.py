"""The pages that say why a village and a county are judged as they are: what stands there, for whom, at which cost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from tuopin.platform.access import local_admin
from tuopin.platform.database import bump_data_version, data_version
from tuopin.platform.evidence import Paper, record
from tuopin.register.models import AreaVersion, CountyCondition, Residence, StatusPeriod, VillageCondition
from tuopin.standards.models import AreaFigures, Evaluation, Procedure, ProcedureText, Verdict
from tuopin.standards.packs import get_prepared
from tuopin.standards.procedures.services import ABOUT

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from console_city import City
    from rooms.console.conftest import Login

pytestmark = pytest.mark.django_db


def page(client: Client, code: str) -> str:
    answer = client.get(reverse("console:results", args=[code]))
    assert answer.status_code == 200
    return answer.content.decode()


def failing_village(city: City) -> AreaVersion:
    """A village of the first township with ten persons not exited of a hundred, as an evaluation would have found."""
    run = Evaluation.objects.get(standard="village_exit")
    judged = Verdict.objects.filter(evaluation=run).values("subject_id")
    inside = AreaVersion.objects.filter(area_id__in=judged, path__startswith=city.township.path, valid_to=None)
    village = inside.earliest("code")
    row = Verdict.objects.get(evaluation=run, subject_id=village.area_id)
    Verdict.objects.filter(evaluation=run, subject_id=village.area_id).update(
        letters="nn" + row.letters[2:], shown="100|10|0.100000"
    )
    VillageCondition.objects.filter(area_id=village.area_id).update(population=100)
    living = Residence.objects.filter(area_id=village.area_id, valid_to=None).values("household_id")
    StatusPeriod.objects.filter(household_id__in=living, axis="registration").update(value="registered")
    return village


def judged_county(city: City, population: int = 1000, unexited: int = 30) -> AreaVersion:
    """A county with its own row and a stored verdict, as an evaluation writes them."""
    county = AreaVersion.objects.filter(level="county", valid_to=None).earliest("code")
    CountyCondition.objects.filter(area_id=county.area_id).delete()
    CountyCondition.objects.create(
        area_id=county.area_id, year=2018, as_of=city.summary.day, recorded_at=timezone.now(),
        rural_population=population,
    )  # fmt: skip
    prepared = get_prepared("shangqiu-2018", "county_exit", city.summary.day)
    items = [item.key for item in prepared.items]
    run = Evaluation.objects.create(
        standard="county_exit", level="county", pack="shangqiu-2018", pack_version="1", pack_digest="", digest="c",
        parameter_hash="", data_version=data_version(), day=city.summary.day, actor="t", started_at=timezone.now(),
        finished_at=timezone.now(), items=items, draft=["services"], tally={},
        shown=[{"name": each.name, "places": each.places} for each in prepared.shown],
    )  # fmt: skip
    letters = "nn" + "u" * (len(items) - 1)
    shown = {"rural_population": str(population), "unexited_persons": str(unexited)}
    Verdict.objects.create(
        evaluation=run, subject_id=county.area_id, area_id=county.area_id, letters=letters,
        shown="|".join(shown.get(each.name, "") for each in prepared.shown),
    )  # fmt: skip
    tally = {"overall": [0, 1, 0, 0]} | {key: [0, 0, 1, 0] for key in items}
    AreaFigures.objects.create(evaluation=run, area_id=county.area_id, counts={"tally": tally})
    return county


def test_a_village_says_who_counts_and_what_would_turn_it(
    login: Login, city: City, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    village = failing_village(city)
    client = login("county")
    page(client, village.code)
    with django_assert_max_num_queries(20):
        text = page(client, village.code)
    assert "未脱贫人口再减少 8 人即达标" in text
    assert "超出 8.00 个百分点" in text
    assert "国网导出" in text, "the sort of source"
    assert re.search(r'<a href="/households/\d+/">', text), "households that count are named"
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    english = page(client, village.code)
    assert "met with 8 persons less (persons not exited)" in english
    assert "percentage points over" in english
    chinese, other = (re.findall(r'distance">[^<]*?([\d.]+)', each) for each in (text, english))
    assert chinese == other


def test_figures_alone_name_nobody(login: Login, city: City) -> None:
    """A department sees verdicts of its area, and no household."""
    run = Evaluation.objects.get(standard="village_exit")
    judged = Verdict.objects.filter(evaluation=run).values("subject_id")
    village = AreaVersion.objects.filter(area_id__in=judged, path__startswith=city.township.path, valid_to=None)[0]
    text = page(login("counter"), village.code)
    assert "未脱贫户" in text
    assert "/households/" not in text
    assert not any(code in text for code in city.ours)


def test_a_county_says_it_from_what_was_stored(
    login: Login, city: City, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    county = judged_county(city)
    client = login("county")
    page(client, county.code)
    with django_assert_max_num_queries(20):
        text = page(client, county.code)
    assert "3.00%" in text
    assert "未脱贫人口再减少 11 人即达标" in text
    assert "超出 1.00 个百分点" in text
    assert "贫困村出列" in text.partition('class="below-list"')[2], "how the villages stand"
    assert "限值未定：“接近”平均水平的容许差距" in text, "what is draft in this very item"
    assert "其后登记资料有变动" not in text
    bump_data_version()
    assert "其后登记资料有变动" in page(client, county.code)


def test_papers_of_a_procedure_stand_below(login: Login, city: City) -> None:
    county = judged_county(city)
    text = ProcedureText.objects.create(digest="d", pack="national", key="county_exit", text="")
    begun = Procedure.objects.create(
        definition=text, key="county_exit", level="county", subject_id=county.area_id, started=city.summary.day,
        recorded_at=timezone.now(), actor="t", standard="county_exit", pack="national", overall="met", frozen={},
        frozen_digest="", last_day=city.summary.day,
    )  # fmt: skip
    day = city.summary.day
    old = Paper(begun.pk, "a.b", day.replace(year=2017), reference="档案室 3 柜", valid_until=day.replace(month=6))
    record(local_admin(), ABOUT, [old])
    found = page(login("county"), county.code)
    assert "档案室 3 柜" in found
    assert "365 天前" in found
    assert "2018-06-01 已过期" in found
