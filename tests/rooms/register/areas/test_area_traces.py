"""What changes of areas leave behind elsewhere: the time line of a household, the panel of a village, maps, exports."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from people import account, signed_in
from rooms.register.areas.tree import DAY, happen, line, plant
from tuopin.platform.access import local_admin
from tuopin.platform.home import home
from tuopin.register import selectors, timeline

if TYPE_CHECKING:
    from tuopin.register.models import AreaVersion

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city(transactional_db: None) -> dict[str, AreaVersion]:
    return plant()


def test_nobody_moved_house_when_the_village_was_merged(city: dict[str, AreaVersion]) -> None:
    happen(line("merged", "A1-1", "A1-3"))
    placed = selectors.household(local_admin(), "A1-1-0-1501")
    texts = [each.title.zh for each in timeline.events(placed, None)]
    assert "区划变更：A1第1村一组 → A1第3村一组" in texts
    assert not [each for each in texts if each.startswith("迁居")]


def test_the_page_of_a_merged_village_says_whose_facts_are_unknown(city: dict[str, AreaVersion]) -> None:
    happen(line("merged", "A1-1", "A1-3"))
    page = signed_in(account("headquarters", "headquarters", "99")).get("/areas/A1-3/").content.decode()
    assert "/register/areas/former/A1-1/" in page
    assert "填报前为未知" in page


def test_a_map_of_before_serves_areas_with_another_code(city: dict[str, AreaVersion]) -> None:
    square = {"type": "Polygon", "coordinates": [[[115.0, 34.0], [115.1, 34.0], [115.1, 34.1], [115.0, 34.0]]]}
    shape = {"type": "Feature", "properties": {"code": "A1-1"}, "geometry": square}
    folder = home() / "maps-of-areas"
    folder.mkdir(exist_ok=True)
    file = folder / "before.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [shape]}), "utf-8")
    try:
        happen(line("recoded", "A1-1", "A1-91"))
        client = signed_in(account("headquarters", "headquarters", "99"))
        found = json.loads(client.get("/register/outlines/A1/").content)
    finally:
        file.unlink()
    assert [each["properties"]["code"] for each in found["features"]] == ["A1-91"]


def test_an_area_is_found_on_a_day_by_its_code_of_today(city: dict[str, AreaVersion]) -> None:
    happen(line("recoded", "A1-1", "A1-91"))
    before = DAY.replace(year=2019)
    assert selectors.area(local_admin(), "A1-91", before).code == "A1-1"
    assert selectors.area(local_admin(), "A1-1", before).code == "A1-1"
