"""Several cities judged together: ids that collide, a city that is late, missing, or has rewritten its history."""

from __future__ import annotations

import datetime
import errno
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fsspec
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from county import areas, household, households, take, taken
from rooms.standards.sealed import steps
from rooms.standards.sealed.steps import DAY, rows_of, sealed_rows
from tuopin.core.snapshot import canonical
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.models import AuditEntry, Seal, User
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.seals.genuine import sign
from tuopin.register.models import Household
from tuopin.standards.models import SealInstance, SeenSeal
from tuopin.standards.sealed import federation, selectors, together
from tuopin.standards.sealed.folders import Folder, digest_of
from tuopin.standards.sealed.sources import SHIFT
from tuopin.standards.services import evaluate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.django_db(transaction=True)

PROVINCE, CITY = "990000000000", "990100000000"


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Path]:
    """The register of a county, which here stands for a city's and then for the province's."""
    areas(tmp_path)
    steps.workbooks(tmp_path)
    taken("sealed_county", tmp_path)
    steps.clear_seals()
    yield tmp_path
    steps.clear_seals()
    fsspec.filesystem("memory").store.clear()


def into_memory(folder: Path, name: str) -> str:
    """A folder of seals as it would lie in the storage of objects."""
    there = fsspec.filesystem("memory")
    for path in folder.rglob("*"):
        if path.is_file() and "identities" not in path.parts:
            there.pipe(f"/{name}/{path.relative_to(folder).as_posix()}", path.read_bytes())
    return f"memory://{name}"


def joint(**options: object):  # type: ignore[no-untyped-def]  # a result
    return together.evaluate(local_admin(), PROVINCE, "household_exit", **({"day": DAY} | options))  # type: ignore[arg-type]


def test_two_cities_with_the_same_numbers_stay_two(province: Path) -> None:
    stored = evaluate(local_admin(), "household_exit", day=DAY)
    one = steps.sealed_elsewhere(province / "one", "a")
    households(province, household("9901", 工资性收入="1"), day="2018-12-01", name="更正.csv")
    take(province / "更正.csv")
    changed = evaluate(local_admin(), "household_exit", day=DAY)
    other = steps.sealed_elsewhere(province / "other", "b")
    first = federation.add(local_admin(), into_memory(one, "one"))
    second = federation.add(local_admin(), str(other), area=PROVINCE)
    row = joint()
    assert row.joint
    assert row.left_out == []
    assert [(each["order"], each["number"]) for each in row.sources] == [(second.pk, 1), (first.pk, 1)]
    expected = [(number + at.pk * SHIFT, letters, shown) for at, found in ((first, stored), (second, changed))
                for number, letters, shown in rows_of(found)]  # fmt: skip
    assert sealed_rows(row) == sorted(expected)
    assert sum(row.tally["overall"].values()) == 8
    shown = selectors.shown(row)
    assert [(each.code, each.part, sum(each.counts[0])) for each in shown.cities] == [
        (CITY, first.pk, 4), (CITY, second.pk, 4),
    ]  # fmt: skip
    assert {each.counts[0] for each in shown.counties} == {(1, 1, 1, 1), (0, 2, 1, 1)}
    assert selectors.shown(row, CITY, second.pk).area.counts[0] == (0, 2, 1, 1)  # type: ignore[union-attr]
    with pytest.raises(Missing):
        selectors.shown(row, CITY)  # of which of the two?
    assert {code for chunk in selectors.rows(local_admin(), row) for code, *_rest in chunk} == {""}
    assert joint().pk == row.pk


def test_identities_are_never_fetched(province: Path) -> None:
    folder = steps.sealed_elsewhere(province / "one", "a")
    assert list((folder / "1" / "identities").rglob("*"))
    federation.look(local_admin(), federation.add(local_admin(), str(folder)), whole=True)
    joint()
    from tuopin.standards.sealed.opening import mirror

    assert not [path for path in mirror().rglob("*") if "identities" in path.parts]


def test_a_missing_and_a_late_city_stand_in_the_result(province: Path) -> None:
    from county import write

    rows = [("990200000000", "邻市", "city", PROVINCE)]
    write(
        province / "more" / "divisions.csv",
        (dict(zip(("code", "name", "level", "parent"), row, strict=True)) for row in rows),
    )
    take(province / "more")
    folder = steps.sealed_elsewhere(province / "one", "a")
    federation.add(local_admin(), str(folder), area=CITY)
    row = joint()
    assert [(each["code"], each["reason"]) for each in row.left_out] == [("990200000000", "not_registered")]
    assert (row.sources[0]["late"], row.sources[0]["older"]) == (False, False)
    later = joint(day=datetime.date(2018, 12, 2))
    assert later.pk != row.pk


def test_who_cannot_be_read_is_left_out_by_name_and_the_others_are_judged(province: Path) -> None:
    good = federation.add(local_admin(), str(steps.sealed_elsewhere(province / "good", "a")), area=CITY)
    folder = steps.sealed_elsewhere(province / "bad", "b")
    bad = federation.add(local_admin(), str(folder), area=CITY)
    path = steps.file_of(folder, "register_household_living")
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    row = joint()
    assert [each["order"] for each in row.sources] == [good.pk]
    ((left),) = row.left_out
    assert left["reason"] == "seal_tampered"
    assert "register_household_living" in left["reason_zh"]
    federation.look(local_admin(), bad, whole=True)
    assert bad.state == "rewritten"
    assert "register_household_living" in bad.problem_en
    shutil.rmtree(folder)
    assert federation.look(local_admin(), bad).state == "unreachable"
    assert joint().left_out[0]["reason"] == "unreachable"
    shutil.rmtree(province / "good")
    with pytest.raises(Problem, match="nothing_to_judge"):
        joint()


def resealed(folder: Path, table: str, change: Callable[[pa.Table], pa.Table]) -> None:
    """Another content of a table in the first seal, with all hashes and the signature as they ought to be."""
    path, manifest = steps.file_of(folder, table), folder / "1" / "manifest.json"
    pq.write_table(change(pq.read_table(path)), path)
    whole = orjson.loads(manifest.read_bytes())
    part = next(each for each in whole["tables"] if each["file"] == path.relative_to(folder / "1").as_posix())
    part |= {"sha256": digest_of(path), "bytes": path.stat().st_size}
    manifest.write_bytes(orjson.dumps(whole | {"signature": sign(canonical(whole))}))


@pytest.mark.parametrize(
    ("table", "change", "code"),
    [
        ("register_household_income", lambda found: found.drop(["wage"]), "seal_unreadable"),
        ("register_household_income", lambda found: found.slice(1), "seal_unreadable"),
        ("register_residence", lambda found: found.cast(texts(found.schema)), "seal_unreadable"),
        ("register_area_version", lambda found: same_path(found), "seal_tree_broken"),
    ],
)  # fmt: skip
def test_what_a_city_seals_wrong_leaves_out_that_city_alone(
    province: Path, table: str, change: Callable[[pa.Table], pa.Table], code: str
) -> None:
    good = federation.add(local_admin(), str(steps.sealed_elsewhere(province / "good", "a")), area=CITY)
    folder = steps.sealed_elsewhere(province / "bad", "b")
    resealed(folder, table, change)
    federation.add(local_admin(), str(folder), area=CITY)
    row = joint()
    assert [each["order"] for each in row.sources] == [good.pk]
    assert [each["reason"] for each in row.left_out] == [code]


def texts(schema: pa.Schema) -> pa.Schema:
    return pa.schema([(name, pa.string()) for name in schema.names])


def same_path(found: pa.Table) -> pa.Table:
    at = found.schema.get_field_index("path")
    return found.set_column(at, "path", pa.array([found["path"][0].as_py()] * found.num_rows))


def test_a_city_that_rewrote_its_history_is_shown_and_left_out(province: Path) -> None:
    folder = steps.sealed_elsewhere(province / "one", "a", times=2)
    row = federation.add(local_admin(), str(folder))
    pinned = list(SeenSeal.objects.order_by("number").values_list("number", "digest", "previous"))
    assert [number for number, *_rest in pinned] == [1, 2]
    assert pinned[1][2] == pinned[0][1]
    shutil.rmtree(folder / "1")  # older ones may be cleared away
    assert federation.look(local_admin(), row).state == "sound"
    kept = province / "kept"
    shutil.copytree(folder / "2", kept)
    shutil.rmtree(folder / "2")
    assert federation.look(local_admin(), row).state == "rewritten"
    assert row.problem_en.startswith("Seal 2, which was seen before, is gone")
    shutil.copytree(steps.sealed_elsewhere(province / "again", "a", times=2) / "2", folder / "2")
    assert federation.look(local_admin(), row).problem_en.startswith("Seal 2 is not the one that was seen before")
    with pytest.raises(Problem, match="nothing_to_judge"):
        joint()
    shutil.rmtree(folder / "2")
    shutil.copytree(kept, folder / "2")
    assert federation.look(local_admin(), row).state == "sound"
    assert list(SeenSeal.objects.order_by("number").values_list("number", "digest", "previous")) == pinned


def test_a_seal_that_follows_is_taken_and_one_that_does_not_is_refused(province: Path) -> None:
    folder = steps.sealed_elsewhere(province / "one", "a", times=2)
    later = province / "later"
    shutil.move(folder / "2", later)
    row = federation.add(local_admin(), str(folder))
    shutil.copytree(later, folder / "2")
    assert federation.look(local_admin(), row, whole=True).state == "sound"
    newest = SeenSeal.objects.get(number=2)
    assert newest.verified_at is not None
    other = steps.sealed_elsewhere(province / "stranger", "b", times=3)
    shutil.copytree(other / "3", folder / "3")
    assert federation.look(local_admin(), row).problem_en.startswith("Seal 3 is of another instance")
    shutil.rmtree(folder / "3")
    shutil.copytree(steps.sealed_elsewhere(province / "again", "a", times=3) / "3", folder / "3")
    assert "does not follow seal 2" in federation.look(local_admin(), row).problem_en
    path = folder / "3" / "manifest.json"
    whole = orjson.loads(path.read_bytes())
    path.write_bytes(orjson.dumps(whole | {"previous": {"number": 2, "digest": newest.digest}}))
    assert "signature" in federation.look(local_admin(), row).problem_en
    assert not SeenSeal.objects.filter(number=3).exists()


def test_what_cannot_be_registered(province: Path) -> None:
    folder = steps.sealed_elsewhere(province / "one", "a")
    for address, code in (
        ("ftp://somewhere/seals", "bad_address"), ("s3://key:secret@bucket/seals", "secret_in_address"),
        ("", "bad_address"), (str(province / "nowhere"), "seals_unreachable"), (str(province), "no_seals_there"),
    ):  # fmt: skip
        with pytest.raises(Problem, match=code):
            federation.add(local_admin(), address)
    with pytest.raises(Missing):
        federation.add(local_admin(), str(folder), area="110000000000")
    row = federation.add(local_admin(), str(folder))
    with pytest.raises(Problem, match="already_registered"):
        federation.add(local_admin(), str(folder))
    federation.remove(local_admin(), row)
    assert federation.add(local_admin(), str(folder)).pk != row.pk
    with pytest.raises(Problem, match="no_instances"):
        together.evaluate(local_admin(), "990101101000", "household_exit", day=DAY)


def test_who_is_registered_again_is_compared_with_what_was_pinned(province: Path) -> None:
    """Ending a registration made the pins forgotten: another key or history was trusted as on the first day."""
    folder = steps.sealed_elsewhere(province / "one", "a")
    row = federation.add(local_admin(), str(folder))
    federation.remove(local_admin(), row)
    SeenSeal.objects.filter(instance=row).update(digest="0" * 64)  # as if the seal had been another one then
    with pytest.raises(Problem, match="seal_rewritten") as refused:
        federation.add(local_admin(), str(folder))
    assert "--anew" in refused.value.zh
    row.public_key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    row.save()
    with pytest.raises(Problem, match="key_changed") as refused:
        federation.add(local_admin(), str(folder))
    assert "fingerprint" in refused.value.en
    assert SealInstance.objects.count() == 1
    again = federation.add(local_admin(), str(folder), anew=True)
    entry = AuditEntry.objects.filter(action="standards.federate").latest("pk")
    assert json.loads(entry.detail)["anew"] is True
    federation.remove(local_admin(), again)
    assert federation.add(local_admin(), str(folder)).state == "sound"  # as it was pinned last


def test_an_instance_stands_under_the_lowest_area_that_holds_its_villages(province: Path) -> None:
    row = federation.add(local_admin(), str(steps.sealed_elsewhere(province / "one", "a")))
    (found,) = selectors.instances(local_admin())
    assert (found.area.code, found.newest.number if found.newest else 0, found.seals) == ("990101000000", 1, 1)
    entry = AuditEntry.objects.get(action="standards.federate")
    assert json.loads(entry.detail) == {"area": row.area_id, "instance": "a" * 32, "newest": 1}


def test_nobody_sees_instances_of_elsewhere(province: Path) -> None:
    row = federation.add(local_admin(), str(steps.sealed_elsewhere(province / "one", "a")))
    nobody = actor_for(User.objects.create_user("nobody", password="x"))
    assert selectors.instances(nobody) == []
    for act in (federation.look, federation.remove):
        with pytest.raises(Missing):
            act(nobody, row)
    with pytest.raises(Missing):
        together.evaluate(nobody, PROVINCE, "household_exit", day=DAY)


def test_a_full_disk_here_is_no_fault_of_the_city(province: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = federation.add(local_admin(), into_memory(steps.sealed_elsewhere(province / "one", "a"), "one"))

    opened = Path.open

    def full(path: Path, mode: str = "r", *given: Any, **more: Any) -> Any:
        if "w" in mode:
            raise OSError(errno.ENOSPC, "No space left on device")
        return opened(path, mode, *given, **more)

    monkeypatch.setattr(Path, "open", full)
    for act in (lambda: federation.look(local_admin(), row, whole=True), joint):
        with pytest.raises(Problem, match="disk_full"):
            act()
    row.refresh_from_db()
    assert row.state == "sound"


def test_storage_that_is_not_installed_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(_address: str) -> None:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec.core, "url_to_fs", lacking)
    with pytest.raises(Problem, match=r"tuopin\[s3\]"):
        Folder("s3://bucket/seals")


def test_a_folder_lists_whole_seals_alone(tmp_path: Path) -> None:
    for name in ("1", "2", "03", "x", ".7", "12345678901"):
        (tmp_path / name).mkdir()
    (tmp_path / "1" / "manifest.json").write_text("{}")
    assert Folder(str(tmp_path)).numbers() == [1]
    assert Seal.objects.count() == Household.objects.count() == SealInstance.objects.count() == 0
