"""The format of seals: written whole or not at all, and every byte of it proven."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tuopin.core import snapshot
from tuopin.core.snapshot import Column, SealFault, Writer

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = (Column("household_id", "integer"), Column("water_safe", "boolean"), Column("as_of", "date"))
PLACES = (Column("area_id", "integer"), Column("code", "text"))
HEADER: dict[str, Any] = {
    "instance": {"id": "a" * 32, "name": "示范市"},
    "sealed_at": "2018-12-01T00:00:00+00:00",
    "data_version": 7,
    "catalogue": "c" * 64,
    "previous": None,
}


def reader(rows: list[tuple[Any, ...]], columns: tuple[Column, ...] = COLUMNS, size: int = 3) -> pa.RecordBatchReader:
    whole = pa.schema([("county", pa.string()), *snapshot.schema(columns)])
    batches = [
        pa.RecordBatch.from_arrays(
            [pa.array(values, kind.type) for values, kind in zip(zip(*some, strict=True), whole, strict=True)],
            schema=whole,
        )
        for some in (rows[at : at + size] for at in range(0, len(rows), size))
    ]
    return pa.RecordBatchReader.from_batches(whole, batches)


def facts(first: int = 1) -> list[tuple[Any, ...]]:
    day = date(2018, 12, 1)
    rows = [("411421", n, n % 2 == 0, day) for n in range(first, first + 5)]
    return [*rows, *(("x/..", n, None, day) for n in range(first + 5, first + 9))]


def sealed(root: Path, number: int = 1, first: int = 1, **header: Any) -> snapshot.Manifest:
    with Writer(root, number) as writer:
        writer.table("register_household_living", COLUMNS, reader(facts(first)))
        writer.table("register_area_version", PLACES, reader([(None, 1, "411421")], PLACES))
        writer.table("register_designation", PLACES, reader([], PLACES))
        made = writer.finish(HEADER | header)
        writer.publish()
    return made


def codes(root: Path, number: int = 1, **known: Any) -> list[str]:
    return [fault.code for fault in snapshot.verify(root / str(number), **known).faults]


LIVING = "facts/411421/register_household_living.parquet"


def test_a_seal_reads_back_as_it_was_written(tmp_path: Path) -> None:
    made = sealed(tmp_path)
    read = snapshot.read(tmp_path / "1")
    assert read == made
    assert read.digest == hashlib.sha256((tmp_path / "1" / "manifest.json").read_bytes()).hexdigest()
    assert (read.rows, read.number, read.data_version) == (10, 1, 7)
    assert read.columns("register_household_living") == {
        "household_id": "integer", "water_safe": "boolean", "as_of": "date",
    }  # fmt: skip
    files = read.files(tmp_path / "1", "register_household_living")
    assert sum(pq.read_table(path).num_rows for path in files) == 9
    assert read.files(tmp_path / "1", "register_household_living", ["411421"]) == [tmp_path / "1" / LIVING]
    one = pq.ParquetFile(tmp_path / "1" / LIVING)
    assert one.read().column("household_id").to_pylist() == [1, 2, 3, 4, 5]
    assert one.metadata.row_group(0).column(0).compression == "ZSTD"
    empty = read.files(tmp_path / "1", "register_designation")
    assert [pq.read_schema(path).names for path in empty] == [["area_id", "code"]]


def test_a_county_whose_code_is_no_name_of_a_folder_stays_inside(tmp_path: Path) -> None:
    made = sealed(tmp_path)
    (odd,) = (part for part in made.tables if part.county == "x/..")
    assert odd.file == f"facts/x{b'x/..'.hex()}/register_household_living.parquet"
    assert codes(tmp_path) == []


def test_a_sound_seal_is_sound_and_says_how_much_it_holds(tmp_path: Path) -> None:
    made = sealed(tmp_path)
    seen: list[tuple[int, int]] = []
    report = snapshot.verify(tmp_path / "1", digest=made.digest, progress=lambda *each: seen.append(each))
    assert report.sound
    assert (report.files, report.rows, report.identities) == (4, 10, "none")
    assert report.bytes == sum((tmp_path / "1" / part.file).stat().st_size for part in made.tables)
    assert seen[-1] == (report.bytes, report.bytes)


def test_one_changed_byte_shows(tmp_path: Path) -> None:
    sealed(tmp_path)
    path = tmp_path / "1" / LIVING
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert codes(tmp_path) == ["changed"]


def test_a_row_group_exchanged_shows_though_the_file_is_good_parquet(tmp_path: Path) -> None:
    sealed(tmp_path)
    path = tmp_path / "1" / LIVING
    table = pq.read_table(path)
    with pq.ParquetWriter(path, table.schema, compression="zstd") as writer:
        writer.write_table(table.slice(2))
        writer.write_table(table.slice(0, 2))
    assert pq.ParquetFile(path).num_row_groups == 2
    assert codes(tmp_path) == ["changed"]


def test_a_file_of_another_seal_shows(tmp_path: Path) -> None:
    sealed(tmp_path)
    sealed(tmp_path, 2, first=2)
    shutil.copy(tmp_path / "1" / LIVING, tmp_path / "2" / LIVING)
    assert codes(tmp_path, 2) == ["changed"]


def test_missing_extra_and_linked_files_show(tmp_path: Path) -> None:
    sealed(tmp_path)
    path = tmp_path / "1" / LIVING
    path.rename(tmp_path / "elsewhere")
    assert codes(tmp_path) == ["missing"]
    path.symlink_to(tmp_path / "elsewhere")
    assert codes(tmp_path) == ["missing"]
    path.unlink()
    (tmp_path / "elsewhere").rename(path)
    (tmp_path / "1" / "facts" / "names.csv").write_text("x")
    assert codes(tmp_path) == ["extra"]


def test_a_manifest_that_tells_other_rows_or_columns_shows(tmp_path: Path) -> None:
    sealed(tmp_path)
    for key, value, code in (("rows", 4, "rows_differ"), ("columns", [["area_id", "text"]], "columns_differ")):
        document = json.loads((tmp_path / "1" / "manifest.json").read_bytes())
        (entry,) = (each for each in document["tables"] if each["table"] == "register_area_version")
        kept = entry[key]
        entry[key] = value
        (tmp_path / "1" / "manifest.json").write_text(json.dumps(document))
        assert codes(tmp_path) == [code]
        entry[key] = kept
        (tmp_path / "1" / "manifest.json").write_text(json.dumps(document))


def test_files_of_one_table_with_several_lists_of_columns_are_refused(tmp_path: Path) -> None:
    sealed(tmp_path)
    document = json.loads((tmp_path / "1" / "manifest.json").read_bytes())
    (entry,) = (each for each in document["tables"] if each["file"] == LIVING)
    entry["columns"] = [["household_id", "text"]]
    (tmp_path / "1" / "manifest.json").write_text(json.dumps(document))
    with pytest.raises(snapshot.SealFault, match="bad_manifest"):
        snapshot.verify(tmp_path / "1")


def test_an_altered_manifest_shows_by_its_digest_and_by_its_signature(tmp_path: Path) -> None:
    def sign(content: bytes) -> dict[str, str]:
        return {"signature": hashlib.sha256(b"secret" + content).hexdigest()}

    def genuine(content: bytes, signature: Any) -> bool:
        return bool(signature.get("signature") == hashlib.sha256(b"secret" + content).hexdigest())

    with Writer(tmp_path, 1) as writer:
        writer.table("register_household_living", COLUMNS, reader(facts()))
        made = writer.finish(HEADER, sign)
        writer.publish()
    assert codes(tmp_path, digest=made.digest, genuine=genuine) == []
    path = tmp_path / "1" / "manifest.json"
    path.write_text(path.read_text().replace('"data_version": 7', '"data_version": 8'))
    assert codes(tmp_path, digest=made.digest, genuine=genuine) == ["manifest_altered", "not_genuine"]


def test_the_chain_shows_a_seal_that_is_gone_or_another(tmp_path: Path) -> None:
    first = sealed(tmp_path)
    sealed(tmp_path, 2, previous={"number": 1, "digest": first.digest})
    assert codes(tmp_path, 2, previous=first) == []
    assert codes(tmp_path, 2) == ["previous_missing"]
    shutil.rmtree(tmp_path / "1")
    other = sealed(tmp_path, 1, first=2)
    assert codes(tmp_path, 2, previous=other) == ["previous_differs"]
    sealed(tmp_path, 3)
    assert codes(tmp_path, 3, previous=other) == ["previous_unnamed"]


@pytest.mark.parametrize(
    "file", ["../../keys/secret_key", "/etc/passwd", "facts/411421/../x.parquet", "facts/x.parquet"]
)
def test_a_manifest_cannot_point_elsewhere(tmp_path: Path, file: str) -> None:
    sealed(tmp_path)
    path = tmp_path / "1" / "manifest.json"
    document = json.loads(path.read_bytes())
    document["tables"][0]["file"] = file
    path.write_text(json.dumps(document))
    with pytest.raises(SealFault) as caught:
        snapshot.read(tmp_path / "1")
    assert caught.value.code == "bad_path"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"format": 2}, "unknown_format"),
        ({"format": True}, "unknown_format"),
        ({"number": "1"}, "bad_manifest"),
        ({"tables": [{}]}, "bad_manifest"),
        ({"tables": None}, "bad_manifest"),
        ({"catalogue": "?"}, "bad_manifest"),
        ({"previous": {"number": -1, "digest": "a" * 64}}, "bad_manifest"),
        ({"instance": "x"}, "bad_manifest"),
    ],
)
def test_what_is_no_manifest_is_refused(tmp_path: Path, change: dict[str, Any], code: str) -> None:
    sealed(tmp_path)
    path = tmp_path / "1" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | change))
    with pytest.raises(SealFault) as caught:
        snapshot.verify(tmp_path / "1")
    assert caught.value.code == code


@pytest.mark.parametrize(("content", "code"), [(b"", "bad_manifest"), (b"[]", "bad_manifest"), (None, "no_manifest")])
def test_no_manifest_is_refused(tmp_path: Path, content: bytes | None, code: str) -> None:
    sealed(tmp_path)
    path = tmp_path / "1" / "manifest.json"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SealFault) as caught:
        snapshot.read(tmp_path / "1")
    assert caught.value.code == code


def test_what_fails_leaves_nothing_and_what_was_cut_off_is_cleared(tmp_path: Path) -> None:
    def broken() -> Any:
        yield from reader(facts())
        raise OSError(28, "No space left on device")

    whole = reader(facts()).schema
    with pytest.raises(OSError, match="No space"), Writer(tmp_path, 1) as writer:
        writer.table("register_household_living", COLUMNS, pa.RecordBatchReader.from_batches(whole, broken()))
    assert list(tmp_path.iterdir()) == []
    left = Writer(tmp_path, 1)
    left.__enter__()
    left.table("register_household_living", COLUMNS, reader(facts()))
    left.finish(HEADER)
    assert snapshot.numbers(tmp_path) == []
    assert snapshot.clear_leftovers(tmp_path) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_number_is_given_once(tmp_path: Path) -> None:
    sealed(tmp_path)
    with pytest.raises(SealFault) as caught:
        sealed(tmp_path)
    assert caught.value.code == "exists"
    assert snapshot.numbers(tmp_path) == [1]


def test_rows_out_of_order_are_a_fault_of_the_caller(tmp_path: Path) -> None:
    rows = [*facts(), ("411421", 99, None, None)]
    with pytest.raises(ValueError, match="sorted"), Writer(tmp_path, 1) as writer:
        writer.table("register_household_living", COLUMNS, reader(rows))
    assert list(tmp_path.iterdir()) == []


def test_what_a_seal_of_another_schema_lacks_is_named(tmp_path: Path) -> None:
    made = sealed(tmp_path)
    wanted = {
        "register_household_living": {"household_id": "integer", "water_safe": "text", "fuel_type": "text"},
        "register_household_income": {"wage": "integer"},
    }
    assert snapshot.lacking(made, wanted) == [
        "register_household_living.water_safe", "register_household_living.fuel_type", "register_household_income",
    ]  # fmt: skip
    assert snapshot.lacking(made, {"register_household_living": {"as_of": "date"}}) == []


def test_identities_are_no_part_of_the_proof(tmp_path: Path) -> None:
    with Writer(tmp_path, 1) as writer:
        writer.table("register_household_living", COLUMNS, reader(facts()))
        (writer.folder / "identities" / "411421").mkdir(parents=True)
        (writer.folder / "identities" / "411421" / "register_person.enc").write_bytes(b"?")
        writer.finish(HEADER | {"identities": {"rows": {"register_person": 1}}})
        writer.publish()
    assert snapshot.verify(tmp_path / "1").identities == "present"
    shutil.rmtree(tmp_path / "1" / "identities")
    report = snapshot.verify(tmp_path / "1")
    assert (report.sound, report.identities) == (True, "absent")


def test_groups_of_rows_are_full_but_the_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuopin.core.snapshot.writing.ROWS_OF_A_GROUP", 10)
    day = date(2018, 12, 1)
    rows = [("411421", n, None, day) for n in range(47)]
    with Writer(tmp_path, 1) as writer:
        writer.table("register_household_living", COLUMNS, reader(rows, size=7))
        writer.finish(HEADER)
        writer.publish()
    found = pq.ParquetFile(tmp_path / "1" / LIVING)
    assert [found.metadata.row_group(n).num_rows for n in range(found.num_row_groups)] == [10, 10, 10, 10, 7]
    assert found.read().column("household_id").to_pylist() == list(range(47))
    assert codes(tmp_path) == []
