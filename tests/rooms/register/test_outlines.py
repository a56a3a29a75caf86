"""Maps of an office: what is refused, what is kept, who gets which outlines; the demo city's own without gaps."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tuopin.platform.access import local_admin
from tuopin.platform.home import home
from tuopin.platform.models import AuditEntry
from tuopin.platform.problems import Problem
from tuopin.register import outlines
from tuopin.register.demo import areas, sizes
from tuopin.register.demo.outlines import write_outlines
from tuopin.register.models import Area, AreaVersion
from tuopin.register.outlines.reading import read
from tuopin.register.outlines.services import check, install

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RING = [[101.0, 38.0], [101.1, 38.0], [101.1, 38.1], [101.0, 38.0]]


@pytest.fixture(autouse=True)
def _no_maps() -> Iterator[None]:
    yield
    for path in outlines.folder().glob("*"):
        path.unlink()


def feature(code: Any = "990121000000", geometry: Any = None, **properties: Any) -> dict[str, Any]:
    shape = {"type": "Polygon", "coordinates": [RING]} if geometry is None else geometry
    return {"type": "Feature", "properties": {"code": code, **properties}, "geometry": shape}


def written(folder: Path, *features: Any, name: str = "map.geojson") -> Path:
    path = folder / name
    path.write_bytes(orjson.dumps({"type": "FeatureCollection", "features": list(features)}))
    return path


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (feature(None), "没有区划代码"),
        (feature(True), "没有区划代码"),
        (feature("a b"), "没有区划代码"),
        (feature("1" * 33), "没有区划代码"),
        (feature(name="<script>alert(1)</script>"), "脚本"),
        (feature(link="JavaScript:alert(1)"), "脚本"),
        (feature(**{"<b>": 1}), "脚本"),
        (feature(geometry={"type": "Point", "coordinates": [1, 2]}), "不是多边形"),
        (feature(geometry={"type": "Polygon", "coordinates": []}), "没有环"),
        (feature(geometry={"type": "Polygon", "coordinates": 7}), "没有环"),
        (feature(geometry={"type": "Polygon", "coordinates": [RING[:3]]}), "少于四个点"),
        (feature(geometry={"type": "Polygon", "coordinates": [[*RING[:3], [9, 9]]]}), "没有闭合"),
        (feature(geometry={"type": "Polygon", "coordinates": [[[500000.0, 4200000.0], *RING[1:]]]}), "不是经纬度"),
        (feature(geometry={"type": "Polygon", "coordinates": [[["101", "38"], *RING[1:]]]}), "不是经纬度"),
        (feature(geometry={"type": "Polygon", "coordinates": [[[True, 38], *RING[1:]]]}), "不是经纬度"),
        (feature(geometry={"type": "MultiPolygon", "coordinates": [[]]}), "没有环"),
        ({"type": "Feature", "geometry": None}, "没有属性"),
        (7, "没有属性"),
    ],
)
def test_a_faulty_map_is_refused_in_words(tmp_path: Path, given: Any, said: str) -> None:
    with pytest.raises(Problem) as refused:
        read(written(tmp_path, given))
    assert said in refused.value.text("zh-hans")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"type":"Feature"}', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_geojson_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "map.geojson"
    path.write_bytes(content)
    with pytest.raises(Problem) as refused:
        read(path)
    assert refused.value.code == "no_geojson"


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuopin.register.outlines.reading.MOST_BYTES", 10)
    with pytest.raises(Problem) as refused:
        read(written(tmp_path, feature()))
    assert refused.value.code == "map_too_large"
    monkeypatch.undo()
    monkeypatch.setattr("tuopin.register.outlines.reading.MOST_POINTS", 3)
    with pytest.raises(Problem) as refused:
        read(written(tmp_path, feature()))
    assert "坐标点超过" in refused.value.text("zh-hans")


def test_an_area_stands_once(tmp_path: Path) -> None:
    with pytest.raises(Problem) as refused:
        read(written(tmp_path, feature(), feature()))
    assert "出现两次" in refused.value.text("zh-hans")


def test_faults_are_told_up_to_ten(tmp_path: Path) -> None:
    with pytest.raises(Problem) as refused:
        read(written(tmp_path, *[feature(None)] * 30))
    assert "另有 20 处" in refused.value.text("zh-hans")


@pytest.fixture
def county(transactional_db: None) -> AreaVersion:
    """A county with two townships."""
    made: list[AreaVersion] = []
    for code, level in (("990121000000", "county"), ("990121100000", "township"), ("990121101000", "township")):
        area = Area.objects.create()
        parent = made[0] if made else None
        path = (parent.path if parent else "") + f"{area.pk:08d}"
        made.append(
            AreaVersion.objects.create(
                area=area, code=code, name=f"区划{code}", level=level, path=path, valid_from="1900-01-01",
                parent_id=parent.area_id if parent else None,
            )
        )  # fmt: skip
    return made[0]


def test_only_code_and_shape_are_kept_and_the_act_is_on_record(tmp_path: Path, county: AreaVersion) -> None:
    report = install(
        local_admin(), written(tmp_path, feature(990121000000, name="某县", fill="#f00"), name="县 图.geojson")
    )
    assert report.matched == {"county": 1}
    assert report.without == {"township": 2}
    kept = list((home() / "maps-of-areas").iterdir())
    assert [path.suffix for path in kept] == [".geojson"]
    document = orjson.loads(kept[0].read_bytes())
    assert document["features"][0]["properties"] == {"code": "990121000000"}
    assert "某县" not in kept[0].read_text("utf-8")
    assert set(outlines.known()) == {"990121000000"}
    assert AuditEntry.objects.filter(action="register.install_maps").count() == 1


def test_a_map_of_elsewhere_is_not_installed(tmp_path: Path, county: AreaVersion) -> None:
    with pytest.raises(Problem) as refused:
        install(local_admin(), written(tmp_path, feature("110101000000")))
    assert refused.value.code == "map_of_elsewhere"
    assert not list(outlines.folder().glob("*.geojson"))
    assert check(written(tmp_path, feature("110101000000"))).strange == ("110101000000",)


def test_a_faulty_file_put_there_by_hand_is_left_out(tmp_path: Path, county: AreaVersion) -> None:
    install(local_admin(), written(tmp_path, feature()))
    (outlines.folder() / "zz.geojson").write_text("<script>", "utf-8")
    assert set(outlines.known()) == {"990121000000"}


def test_the_last_name_counts_and_a_file_taken_away_is_gone(tmp_path: Path, county: AreaVersion) -> None:
    install(local_admin(), written(tmp_path, feature(), name="a.geojson"))
    before = outlines.tag(["990121000000"])
    square = [[1.0, 1.0], [2.0, 1.0], [2.0, 2.0], [1.0, 1.0]]
    later = feature(geometry={"type": "Polygon", "coordinates": [square]})
    install(local_admin(), written(tmp_path, later, name="b.geojson"))
    assert outlines.tag(["990121000000"]) != before
    assert orjson.loads(outlines.document(["990121000000"]))["features"][0]["geometry"]["coordinates"] == [square]
    for path in outlines.folder().glob("*.geojson"):
        path.unlink()
    assert outlines.document(["990121000000"]) == b'{"type":"FeatureCollection","features":[]}'


# -- the demo city ------------------------------------------------------------------------------------------------


def shoelace(ring: list[list[float]]) -> float:
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairwise(ring)) / 2


def area_of(geometry: dict[str, Any]) -> float:
    return sum(shoelace(ring) for ring in geometry["coordinates"])


@pytest.mark.parametrize("households", [200, 3_000, 20_000])
def test_the_demo_city_has_no_gap_and_no_overlap(tmp_path: Path, households: int) -> None:
    layout = areas.lay_out(1, **sizes(households))
    path = tmp_path / "demo.geojson"
    number = write_outlines(path, layout)
    shapes = read(path)
    assert len(shapes) == number
    villages = {village.code for county in layout for village in county.villages()}
    # every piece of an edge of a village belongs to it and one neighbour, running the other way, or to the outside
    pieces: Counter[tuple[tuple[float, float], ...]] = Counter()
    for code in villages:
        for ring in shapes[code]["coordinates"]:
            pieces.update((tuple(here), tuple(after)) for here, after in pairwise(ring))
    assert set(pieces.values()) == {1}
    outside = {piece for piece in pieces if piece[::-1] not in pieces}
    city = shapes[areas.CITY_CODE]["coordinates"]
    drawn = {(tuple(here), tuple(after)) for ring in city for here, after in pairwise(ring)}
    assert drawn == outside
    for county in layout:
        inside = sum(area_of(shapes[village.code]) for village in county.villages())
        assert area_of(shapes[county.code]) == pytest.approx(inside, rel=1e-6)
        for township in county.townships:
            assert area_of(shapes[township.code]) == pytest.approx(
                sum(area_of(shapes[village.code]) for village in township.villages), rel=1e-6
            )
    again = tmp_path / "again.geojson"
    write_outlines(again, areas.lay_out(1, **sizes(households)))
    assert again.read_bytes() == path.read_bytes()
