"""What a city may put into its seal that is none of its business: the ids and areas of others, addresses, sizes."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from django.utils import timezone

from county import areas, household, households, take, taken, write
from rooms.standards.sealed import steps
from rooms.standards.sealed.test_federation import CITY, PROVINCE, joint, resealed
from tuopin.core import snapshot
from tuopin.core.engine import Engine
from tuopin.core.snapshot import canonical
from tuopin.platform.access import local_admin
from tuopin.platform.home import make_home
from tuopin.platform.problems import Problem
from tuopin.platform.seals.genuine import sign
from tuopin.standards.models import SealInstance
from tuopin.standards.sealed import federation
from tuopin.standards.sealed.folders import Folder
from tuopin.standards.sealed.judging import bounded
from tuopin.standards.sealed.sources import SHIFT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Path]:
    areas(tmp_path)
    steps.workbooks(tmp_path)
    taken("sealed_county", tmp_path)
    steps.clear_seals()
    yield tmp_path
    steps.clear_seals()


def forge(folder: Path, **changes: Any) -> None:
    """Another content of the first manifest, signed by the city as it ought to be."""
    manifest = folder / "1" / "manifest.json"
    whole = orjson.loads(manifest.read_bytes()) | changes
    manifest.write_bytes(orjson.dumps(whole | {"signature": sign(canonical(whole))}))


def moved(found: pa.Table, name: str, by: int) -> pa.Table:
    return found.set_column(found.schema.get_field_index(name), name, pc.add(found[name], by))


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("register_household_living", "household_id"),
        ("register_residence", "area_id"),
        ("register_membership", "person_id"),
    ],
)
def test_a_city_cannot_speak_of_the_households_and_villages_of_another(province: Path, table: str, column: str) -> None:
    good = federation.add(local_admin(), str(steps.sealed_elsewhere(province / "good", "a")), area=CITY)
    alone = joint()
    folder = steps.sealed_elsewhere(province / "bad", "b")
    resealed(folder, table, lambda found: moved(found, column, -SHIFT))  # where the good one's ids lie
    bad = federation.add(local_admin(), str(folder), area=CITY)
    assert bad.pk == good.pk + 1
    row = joint()
    assert [each["reason"] for each in row.left_out] == ["seal_unreadable"]
    assert row.tally == alone.tally


def test_a_city_is_not_counted_for_villages_of_another(province: Path) -> None:
    more = province / "more"
    rows = [
        ("990200000000", "邻市", "city", PROVINCE),
        ("990201000000", "邻县", "county", "990200000000"),
        ("990201100000", "南乡", "township", "990201000000"),
        ("990201100201", "丁村委会", "village", "990201100000"),
    ]
    write(more / "divisions.csv", (dict(zip(("code", "name", "level", "parent"), row, strict=True)) for row in rows))
    take(more)
    federation.add(local_admin(), str(steps.sealed_elsewhere(province / "good", "a")), area=CITY)
    # a neighbour's areas alone do no harm where households are judged
    assert [each["reason"] for each in joint().left_out] == ["not_registered"]
    households(more, household("9701", 县="邻县", 镇="南乡", 村="丁村委会"), name="邻.csv")
    take(more / "邻.csv")
    federation.add(local_admin(), str(steps.sealed_elsewhere(province / "bad", "b")), area=CITY)
    row = joint()
    assert [each["reason"] for each in row.left_out] == ["not_registered", "areas_of_others"]
    assert "990201100201" in row.left_out[1]["reason_zh"]
    assert sum(row.tally["overall"].values()) == 4


@pytest.mark.parametrize("moment", ["2999-01-01T00:00:00+00:00", "2018-12-01T00:00:00", "yesterday"])
def test_a_seal_of_the_future_or_of_no_moment_is_refused(province: Path, moment: str) -> None:
    folder = steps.sealed_elsewhere(province / "one", "a")
    forge(folder, sealed_at=moment)
    with pytest.raises(Problem, match="bad_moment"):
        federation.add(local_admin(), str(folder))
    assert not SealInstance.objects.exists()


def test_clocks_that_differ_by_minutes_do_no_harm(province: Path) -> None:
    folder = steps.sealed_elsewhere(province / "one", "a")
    forge(folder, sealed_at=(timezone.now() + datetime.timedelta(minutes=20)).isoformat())
    assert federation.add(local_admin(), str(folder)).state == "sound"


def test_parts_of_one_table_have_the_same_columns(province: Path) -> None:
    folder = steps.sealed_elsewhere(province / "one", "a")
    whole = orjson.loads((folder / "1" / "manifest.json").read_bytes())
    part = next(each for each in whole["tables"] if each["table"] == "register_residence" and each["county"] != "-")
    other = part | {"county": "elsewhere", "file": "facts/elsewhere/register_residence.parquet"}
    whole["tables"].append(other)
    assert snapshot.parse(orjson.dumps(whole)).counties
    other["columns"] = [[name, "text"] for name, _type in part["columns"]]
    with pytest.raises(snapshot.SealFault, match="bad_manifest"):
        snapshot.parse(orjson.dumps(whole))


@pytest.mark.parametrize("key", ["rows", "bytes"])
def test_numbers_that_no_database_holds_are_refused(province: Path, key: str) -> None:
    folder = steps.sealed_elsewhere(province / "one", "a")
    whole = orjson.loads((folder / "1" / "manifest.json").read_bytes())
    whole["tables"][0][key] = 2**63
    with pytest.raises(snapshot.SealFault, match="bad_manifest"):
        snapshot.parse(orjson.dumps(whole))


def test_no_more_is_copied_than_the_manifest_says(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    with (tmp_path / "1" / "x").open("wb") as file:
        file.truncate(8 << 20)
    target = tmp_path / "copy"
    assert Folder(str(tmp_path)).copy(1, "x", target, 1000) == ""
    assert not target.exists()
    (tmp_path / "1" / "manifest.json").symlink_to("/dev/zero")
    with pytest.raises(Problem, match="seals_unreachable"):
        Folder(str(tmp_path)).manifest(1)


def test_a_few_bytes_do_not_claim_a_million_rows(province: Path) -> None:
    """One row repeated: thousands of millions of them fit in a small file, and eat the memory of whoever reads it."""
    good = federation.add(local_admin(), str(steps.sealed_elsewhere(province / "good", "a")), area=CITY)
    folder = steps.sealed_elsewhere(province / "bad", "b")
    name, many = "register_residence", 2_000_000
    resealed(folder, name, lambda found: found.take(pa.array([0] * many)))
    whole = orjson.loads((folder / "1" / "manifest.json").read_bytes())
    next(each for each in whole["tables"] if each["table"] == name)["rows"] = many
    forge(folder, tables=whole["tables"])
    federation.add(local_admin(), str(folder), area=CITY)
    row = joint()
    assert [each["order"] for each in row.sources] == [good.pk]
    assert [each["reason"] for each in row.left_out] == ["seal_too_dense"]


def test_the_engine_for_others_facts_is_bounded() -> None:
    with bounded() as engine:
        memory, spill, most = engine.one(
            "SELECT current_setting('memory_limit'), current_setting('temp_directory'),"
            " current_setting('max_temp_directory_size')"
        )
    with Engine() as free:
        (usual,) = free.one("SELECT current_setting('memory_limit')")
    assert memory != usual
    assert str(spill).startswith(str(make_home()))
    assert not str(most).startswith("90%")


@pytest.mark.parametrize("address", ["file::http://127.0.0.1:9/x", "s3::http://127.0.0.1:9/x", "memory::file:///etc"])
def test_an_address_names_one_storage(address: str) -> None:
    with pytest.raises(Problem, match="bad_address"):
        Folder(address)


def test_what_a_killed_sealing_spilled_is_taken_away(province: Path) -> None:
    left = make_home() / "staging" / "seal-killed"
    left.mkdir()
    (left / "duckdb_temp_block.tmp").write_text("张三")
    steps.seal()
    assert not left.exists()


def test_a_name_brings_no_control_characters_into_the_terminal(province: Path) -> None:
    folder = steps.sealed_elsewhere(province / "one", "a")
    forge(folder, instance={"id": "a" * 32, "name": "甲\x1b[2J市\u202e" + "长" * 400})
    row = federation.add(local_admin(), str(folder), area=CITY)
    assert row.name.startswith("甲[2J市长")
    assert len(row.name) == 200
    (source,) = joint().sources
    assert source["name"] == row.name
