"""The figures of an area: every number is its list's, nothing outside the grants, few queries, unknown is unknown."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from typing import TYPE_CHECKING

import orjson
import pytest
from django.test import Client

from console_city import City, account, grant, restored
from tuopin.platform.access import local_admin
from tuopin.platform.database import bump_data_version, write
from tuopin.platform.models import User
from tuopin.register import outlines
from tuopin.register.counting import count_areas
from tuopin.register.demo import areas
from tuopin.register.demo.outlines import write_outlines
from tuopin.register.models import AreaCounts, AreaVersion
from tuopin.register.outlines.services import install
from tuopin.standards.services import evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city(transactional_db: None, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    made = restored(tmp_path_factory, households=160)
    count_areas()
    drawn = tmp_path / "city.geojson"
    write_outlines(drawn, areas.lay_out(1, counties=2, townships=4, villages=12, households=160))
    install(local_admin(), drawn)
    yield made
    for path in outlines.folder().glob("*.geojson"):
        path.unlink()


def reader(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


def page(client: Client, area: AreaVersion, query: str = "") -> str:
    answer = client.get(f"/areas/{area.code}/figures/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def chart(html: str, key: str) -> str:
    found = re.search(rf'<figure [^>]*id="chart-{key}".*?</figure>', html, re.DOTALL)
    assert found, key
    return found[0]


def test_every_number_with_a_list_is_the_number_of_its_list(city: City) -> None:
    client = reader("county")
    html = page(client, city.top)
    numbers = re.findall(r'<td class="amount" data-value="(\d+)"><a href="([^"]+)"', html)
    assert len(numbers) > 40
    rooms = [
        found
        for key in ("states", "causes", "issues")
        for found in re.findall(r'data-value="(\d+)"><a href="([^"]+)"', chart(html, key))
    ]
    assert len(rooms) > 8
    for number, address in [*rooms, *numbers[:: max(1, len(numbers) // 20)]]:
        listed = client.get(unescape(address)).content.decode()
        count = re.search(r'class="(?:list-)?count"[^>]*>.*?<strong>([\d,]+)</strong>', listed, re.DOTALL)
        assert count, (address, re.findall(r".*count.*", listed)[:5])
        assert int(count[1].replace(",", "")) == int(number), address


def test_the_page_takes_few_queries_at_every_level(
    city: City, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = reader("county")
    village = AreaVersion.objects.filter(level="village", valid_to=None).first()
    assert village is not None
    for area in (city.top, city.township, village):
        page(client, area)
        with django_assert_max_num_queries(20):
            page(client, area)


def test_nobody_sees_figures_outside_the_grants(city: City) -> None:
    clerk = reader("clerk")
    page(clerk, city.township)
    for path in (
        f"/areas/{city.other.code}/figures/", f"/areas/{city.top.code}/figures/",
        f"/register/outlines/{city.other.code}/", f"/register/outlines/{city.top.code}/",
        f"/areas/{city.other.code}/figures/?csv=ages", "/areas/nowhere/figures/", "/register/outlines/nowhere/",
    ):  # fmt: skip
        assert clerk.get(path).status_code == 404, path
    for name in ("helper", "outsider"):
        assert reader(name).get(f"/areas/{city.top.code}/figures/").status_code == 404
    assert Client().get(f"/register/outlines/{city.top.code}/").status_code == 302


def test_who_sees_figures_alone_gets_no_lists_and_no_small_numbers(city: City) -> None:
    html = page(reader("counter"), city.township)
    assert "/household_exit/?" not in html
    causes = re.findall(r'data-value="(\d*)"', chart(html, "causes")) + re.findall(
        r'data-value="(\d*)"', chart(html, "ages")
    )
    assert [each for each in causes if each.isdigit() and 0 < int(each) < 5] == []
    assert "少于 5" in html
    AreaCounts.objects.filter(area_id=city.township.area_id).update(
        counts={"status:exited": 9, "age:blank": 3, "cause:illness": 3}
    )
    assert "出生日期未知 少于 5 人" in chart(page(reader("counter"), city.township), "ages")
    assert "出生日期未知 3 人" in chart(page(reader("clerk"), city.township), "ages")
    assert 'data-value="3"' not in chart(page(reader("counter"), city.township), "causes")
    assert 'data-value="3"' in chart(page(reader("clerk"), city.township), "causes"), (
        "as a group, the class being closed"
    )


def test_without_permission_for_verdicts_only_the_register_is_shown(city: City) -> None:
    grant(account("petitions"), "petition_office", city.township)
    html = page(reader("petitions"), city.township)
    assert "chart-causes" in html
    assert "chart-items-household-exit" not in html


@pytest.mark.parametrize("query", ["?map=nothing", "?csv=nothing", "?map=%00", "?csv=", "?map=" + "a" * 5000])
def test_what_does_not_exist_is_not_found(city: City, query: str) -> None:
    assert reader("county").get(f"/areas/{city.top.code}/figures/{query}").status_code == 404


def test_the_csv_holds_the_numbers_of_the_page(city: City) -> None:
    client = reader("county")
    shown = re.findall(r'data-value="([^"]*)"', chart(page(client, city.top), "items-household-exit"))
    answer = client.get(f"/areas/{city.top.code}/figures/?csv=items-household-exit")
    assert answer["Content-Type"].startswith("text/csv")
    assert answer["Content-Disposition"].endswith('-items-household-exit.csv"')
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[3:]
    assert [number for row in rows for number in row[1:]] == shown


def test_the_map_knows_its_areas_and_says_which_have_no_outline(city: City) -> None:
    client = reader("county")
    counties = AreaVersion.objects.filter(parent_id=city.top.area_id, valid_to=None).order_by("code")
    answer = client.get(f"/register/outlines/{city.top.code}/")
    codes = [each["properties"]["code"] for each in orjson.loads(answer.content)["features"]]
    assert codes == [each.code for each in counties]
    assert answer["Cache-Control"] == "private, no-cache"
    again = client.get(f"/register/outlines/{city.top.code}/", headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")

    for path in outlines.folder().glob("*.geojson"):
        document = orjson.loads(path.read_bytes())
        document["features"] = [each for each in document["features"] if each["properties"]["code"] != codes[0]]
        path.write_bytes(orjson.dumps(document))
    html = page(client, city.top)
    assert "1 个区域没有轮廓" in html
    assert counties[0].name in chart(html, "map-household-exit-overall")
    for path in outlines.folder().glob("*.geojson"):
        path.unlink()
    assert "还没有区域轮廓" in page(client, city.top)


def test_each_measure_has_its_map(city: City) -> None:
    client = reader("county")
    keys = re.findall(r'<option value="([^"]+)"', page(client, city.top))
    assert {"household_exit.overall", "household_exit.income", "village_exit.incidence", "register.issues"} <= set(keys)
    for key in keys:
        html = page(client, city.top, f"?map={key}")
        assert f'id="chart-map-{key.replace("_", "-").replace(".", "-")}"' in html


def test_time_is_drawn_from_the_second_evaluation_on(city: City) -> None:
    client = reader("county")
    assert "chart-time-household-exit" not in page(client, city.top)
    evaluate(local_admin(), "household_exit", day=city.summary.day.replace(day=20), pack="shangqiu-2018")
    evaluate(local_admin(), "household_exit", day=city.summary.day, pack="national")
    shown = chart(page(client, city.top), "time-household-exit")
    assert re.findall(r'<th scope="row"[^>]*>([\d-]+)</th>', shown) == ["2018-12-01", "2018-12-20"]


def test_counts_older_than_the_data_say_so(city: City) -> None:
    client = reader("county")
    assert "登记数据有变动" not in page(client, city.top)
    with write():
        bump_data_version()
    assert "登记数据有变动" in page(client, city.top)
    AreaCounts.objects.all().delete()
    assert "chart-ages" not in page(client, city.top)


def test_both_languages_and_the_draft(city: City) -> None:
    client = reader("county")
    client.cookies["tuopin_language"] = "en"
    html = page(client, city.top)
    assert "Net income per head" in html
    assert "Draft, unconfirmed" in html
    assert "poverty line 2,995.00 yuan" in html
    assert "发生率" not in re.sub(r"<(button|span)[^>]*>[^<]*", "", chart(html, "incidence-village-exit"))
