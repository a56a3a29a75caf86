"""What changes of areas leave behind elsewhere: the time line of a household, the panel of a village, maps, exports."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone

from people import account, signed_in
from rooms.register.areas.tree import DAY, happen, line, plant
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.home import home
from tuopin.platform.problems import Missing
from tuopin.register import selectors, timeline
from tuopin.register.events.areas.undo import undo
from tuopin.register.events.balance import balance
from tuopin.register.models import AreaVersion, Import

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


def test_who_asks_for_an_ended_area_is_told_what_it_is_now(city: dict[str, AreaVersion]) -> None:
    happen(line("merged", "A1-1", "A1-3"))
    with pytest.raises(Missing) as missing:
        selectors.area(local_admin(), "A1-1")
    assert (missing.value.code, missing.value.details["now"]) == ("area_ended", ["A1-3"])
    other = actor_for(account("other", "county", "B"))
    with pytest.raises(Missing) as hidden:
        selectors.area(other, "A1-1")
    assert hidden.value.code == "no_such_area"


def test_an_import_is_seen_where_its_area_lies_now(city: dict[str, AreaVersion]) -> None:
    made = Import.objects.create(
        started_at=timezone.now(), finished_at=timezone.now(), actor="x", as_of=DAY, year=2019, digest="",
        path=city["A1-1"].path,
    )  # fmt: skip
    done = happen(line("merged", "A1-1", "A1-3"), line("moved", "A1", parent="B"))
    made.refresh_from_db()
    assert made.path == AreaVersion.objects.get(code="A1-3", valid_to=None).path
    assert done.event is not None
    undo(local_admin(), done.event.pk)
    made.refresh_from_db()
    assert made.path == city["A1-1"].path


def test_the_balance_calls_it_a_change_of_areas(city: dict[str, AreaVersion]) -> None:
    happen(line("merged", "A1-1", "A1-3"), line("moved", "A2", parent="B"))
    found = {code: balance(local_admin(), code, DAY, DAY).whole["households"] for code in ("A1-3", "A", "B", "A1")}
    assert (found["A1-3"].opening, found["A1-3"].ins, found["A1-3"].closing) == (4, {"area": 4}, 8)
    assert (found["A"].opening, found["A"].outs, found["A"].closing) == (24, {"area": 12}, 12)
    assert (found["B"].opening, found["B"].ins, found["B"].closing) == (12, {"area": 12}, 24)
    assert (found["A1"].opening, found["A1"].ins, found["A1"].outs) == (12, {}, {})
