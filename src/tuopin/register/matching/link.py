"""The match itself, as sets: rows of a list against the persons of an area.

Tables it makes: ``list_row`` (every row with what became of it), ``matched`` (person by number), ``pair`` (for a person
to decide). Numbers are mended and pairs scored by ``core/linkage.py``.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tuopin.core import identity
from tuopin.core.linkage import Side, bare_place, mended, read_number, score

from .people import plain_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from tuopin.core.engine import Engine
    from tuopin.core.linkage import NumberSign
    from tuopin.core.workbook import StagedSheet

    from .kinds import ListKind

PAIRS_PER_ROW = 5
PAIRS_PER_LIST = 20_000
"""More pairs than people can decide say that the list has no usable numbers: the best are kept, the rest counted."""

_BATCH = 50_000
_MENDED = 20_000


@dataclass(frozen=True, slots=True)
class Pair:
    """A proposal. ``row``: number of the row in ``list_row``."""

    row: int
    person_id: int
    household_id: int
    path: str
    points: int
    reasons: tuple[str, ...]


# -- the list -----------------------------------------------------------------------------------------------------


def load_rows(engine: Engine, kind: ListKind, sheets: Sequence[StagedSheet]) -> None:
    """Make ``list_row`` (n, sheet, row_no, name, plain, birth, place, village, number, written, value, is_bad).

    ``number`` is sound (old and certificate numbers upgraded), ``written`` what stands in the cell otherwise.
    ``value``: what the list says, as text; NULL with ``is_bad`` where the cell could not be read.
    """
    engine.run(
        "rows",
        """create or replace table list_raw (sheet varchar, row_no integer, name varchar, birth date, place varchar,
        village varchar, number varchar, written varchar, value varchar, is_bad boolean)""",
    )
    for sheet in sheets:
        _load_sheet(engine, kind, sheet)
    _read_numbers(engine)
    engine.run(
        "rows",
        f"""create or replace table list_row as
        select row_number() over ()::integer as n, r.sheet, r.row_no, r.name, {plain_name("r.name")} as plain,
          coalesce(r.birth, try_strptime(substr(coalesce(r.number, f.number), 7, 8), '%Y%m%d')::date) as birth,
          r.place, r.village, coalesce(r.number, f.number) as number,
          case when f.number is null then nullif(r.written, '') end as written, r.value, r.is_bad
        from list_raw r left join number_read f on f.written = r.written""",
    )
    engine.run("free", "drop table list_raw")


def _load_sheet(engine: Engine, kind: ListKind, sheet: StagedSheet) -> None:
    def taken(name: str) -> str:
        return f"d.{name}" if name in sheet.columns else "null"

    value, bad = _listed_value(kind, sheet)
    sheet_name = "" if sheet.sheet == sheet.file else sheet.sheet  # a text table's one sheet is named as our copy of it
    parts = ", ".join(f"d.{name}" for name in ("county", "township", "village", "address") if name in sheet.columns)
    engine.run(
        f"rows of {kind.key}",
        f"""insert into list_raw select ?, d.row, {taken("name")}, {taken("birth_date")},
          {f"concat_ws('', {parts})" if parts else "''"}, {taken("village")}, d.id_number, f.value, {value}, {bad}
        from read_parquet(?) d
        left join (select row, any_value(value) as value from read_parquet(?) where field = 'id_number' group by row) f
          on f.row = d.row
        left join (select distinct row from read_parquet(?) where field = ?) b on b.row = d.row
        order by d.row""",
        [sheet_name, str(sheet.data), str(sheet.fault_file), str(sheet.fault_file), kind.value_column],
    )


def _listed_value(kind: ListKind, sheet: StagedSheet) -> tuple[str, str]:
    """SQL of what a row says, as text, and of whether its cell could not be read."""
    if kind.value_column:
        has = kind.value_column in sheet.columns
        return (f"d.{kind.value_column}::varchar" if has else "null"), "b.row is not null"
    if kind.listed is None:
        return "null", "false"
    return (f"'{str(kind.listed).lower()}'" if isinstance(kind.listed, bool) else f"'{kind.listed}'"), "false"


def _read_numbers(engine: Engine) -> None:
    """``number_read`` (written, number): what is no number of today but can be read as one."""
    sql = "select distinct written from list_raw where number is null and coalesce(written, '') <> ''"
    found = [
        (text, number) for chunk in engine.chunks(sql, _BATCH) for (text,) in chunk if (number := read_number(text))
    ]
    _load(engine, "number_read", found, ("written", "number"))


# -- linking ------------------------------------------------------------------------------------------------------


def link(engine: Engine) -> tuple[list[Pair], int]:
    """Match ``list_row`` against ``person``: makes ``matched`` and ``undecided`` (person_id), and gives ``list_row``
    its ``fate`` (matched, repeated, decide, left_out, not_found). Returns the pairs to decide, the best first, and how
    many there were in all."""
    _by_number(engine)
    hits = _near_numbers(engine)
    _load(engine, "number_hit", hits, ("n", "person_id", "sign"), (pa.int32(), pa.int64(), pa.string()))
    proposed, total = _scored(engine)
    pairs = heapq.nlargest(PAIRS_PER_LIST, proposed, key=_rank)
    types = (pa.int32(), pa.int64())
    _load(engine, "pair", [(pair.row, pair.person_id) for pair in pairs], ("n", "person_id"), types)
    _load(engine, "proposed", [(pair.row, pair.person_id) for pair in proposed], ("n", "person_id"), types)
    engine.run("undecided", "create or replace table undecided as select distinct person_id from proposed")
    engine.run(
        "fates",
        """create or replace table list_row as
        select l.*, case when l.n in (select n from matched) then 'matched'
          when l.number in (select l2.number from matched join list_row l2 using (n)) then 'repeated'
          when l.n in (select n from pair) then 'decide'
          when l.n in (select n from proposed) then 'left_out' else 'not_found' end as fate
        from list_row l""",
    )
    return pairs, total


def _by_number(engine: Engine) -> None:
    """``matched``: numbers that exactly one person has; ``twice``: those that several have.

    A number that stands in several rows counts once; where these say different things, it says nothing.
    """
    engine.run(
        "numbers",
        """create or replace table list_number as
        select number, min(n) as n, case when count(distinct value) <= 1 then any_value(value) end as value,
          count(distinct value) > 1 as is_contradicting, count(*)::integer as times
        from list_row where number is not null group by number""",
    )
    engine.run(
        "by number",
        """create or replace table number_person as
        select l.n, l.number, l.value, l.is_contradicting, p.person_id, p.household_id, p.area_id, p.path,
          count(*) over (partition by l.number) as persons
        from list_number l join person p on p.number = l.number""",
    )
    engine.run(
        "matched",
        """create or replace table matched as select n, person_id, household_id, area_id, path, value,
        is_contradicting from number_person where persons = 1""",
    )


def _near_numbers(engine: Engine) -> list[tuple[int, int, str]]:
    """(row, person, sign): numbers held twice, equal in their fault, or one slip apart."""
    hits: list[tuple[int, int, str]] = engine.rows(
        """select n, person_id, 'twice' from number_person where persons > 1
        union all select l.n, p.person_id, 'same_faulty' from list_row l join person p
          on upper(l.written) = upper(p.written) where l.written is not null"""
    )
    hits += _mended_hits(
        engine,
        "select n, written from list_row where written is not null",
        "select number, person_id from person where number is not null "
        "and person_id not in (select person_id from matched)",
    )
    turned = _mended_hits(
        engine,
        "select person_id, written from person where number is null and written is not null",
        "select number, n from list_number where n not in (select n from number_person)",
    )
    hits += [(n, person_id, slip) for person_id, n, slip in turned]
    return hits


def _mended_hits(engine: Engine, unsound: str, sound: str) -> Iterator[tuple[int, int, str]]:
    """(key of the unsound, key of the sound, slip) wherever one slip lies between. ``unsound`` gives (key, text),
    ``sound`` (number, key). In batches: one number has up to fifty others beside it."""
    engine.run("unsound", f"create or replace table unsound as select * from ({unsound}) t(key, written)")
    engine.run("sound", f"create or replace table sound as select * from ({sound}) t(number, key)")
    total = engine.one("select count(*) from unsound")[0]
    for start in range(0, total, _MENDED):
        batch = engine.rows(f"select key, written from unsound where rowid >= {start} and rowid < {start + _MENDED}")
        tried = [(key, number, slip) for key, text in batch for number, slip in mended(identity.normal_id(text))]
        _load(engine, "tried", tried, ("key", "number", "slip"), (pa.int64(), pa.string(), pa.string()))
        yield from engine.rows("select t.key, s.key, t.slip from tried t join sound s on s.number = t.number")


def _scored(engine: Engine) -> tuple[list[Pair], int]:
    """Score every proposal: the best few of each row, and how many there were."""
    _block_by_name(engine)
    by_row: dict[int, list[Pair]] = {}
    total = 0
    sql = """select c.n, c.person_id, c.sign, l.name, l.birth, l.place, p.name, p.birth, p.household_id, p.path,
        h.village, h.township
      from candidate c join list_row l using (n) join person p using (person_id) join home h using (household_id)
      order by c.n, c.person_id"""
    for row in engine.stream(sql, _BATCH):
        pair = _pair(row)
        if pair is None:
            continue
        total += 1
        kept = by_row.setdefault(pair.row, [])
        kept.append(pair)
        if len(kept) > PAIRS_PER_ROW:
            kept.remove(min(kept, key=_rank))
    return [pair for kept in by_row.values() for pair in kept], total


def _rank(pair: Pair) -> tuple[int, int, int]:
    return pair.points, -pair.row, -pair.person_id


def _pair(row: tuple[Any, ...]) -> Pair | None:
    n, person_id, sign, name, birth, place, other_name, other_birth, household_id, path, village, township = row
    number: NumberSign = sign
    found = score(
        Side(name or "", _day(birth), place or ""),
        Side(other_name or "", _day(other_birth), "", village or "", township or ""),
        number,
    )
    if not found.is_proposed:
        return None
    return Pair(n, person_id, household_id, path, found.points, tuple(found.reasons))


def _day(value: Any) -> date | None:
    return value if value is not None else None


def _block_by_name(engine: Engine) -> None:
    """``candidate`` (n, person_id, sign): what the numbers propose, then rows without a sound number against anybody
    not yet matched, and rows whose number nobody has against persons without a sound number: by name and birth date,
    by name and village, by birth date and village."""
    places = engine.rows(
        "select distinct village from home union select distinct village from list_row where village is not null"
    )
    _load(engine, "bare", [(name, bare_place(name)) for (name,) in places], ("name", "bare"))
    engine.run(
        "open rows",
        """create or replace table open_row as
        select l.n, l.plain, l.birth, l.number is null as is_free, coalesce(b.bare, nullif(regexp_extract(l.place,
          '(?:乡|镇|街道|办事处|区|县|市)([^省市县区乡镇]{1,8}?)(?:村|社区)', 1), '')) as bare
        from list_row l left join bare b on b.name = l.village
        where l.n not in (select n from number_person) and coalesce(l.plain, '') <> ''
          and (l.number is null or l.n in (select n from list_number))""",
    )
    engine.run(
        "open persons",
        """create or replace table open_person as
        select p.person_id, p.plain, p.birth, p.number is null as is_free, b.bare
        from person p join home h using (household_id) left join bare b on b.name = h.village
        where p.person_id not in (select person_id from matched) and coalesce(p.plain, '') <> ''""",
    )
    free = "(l.is_free or p.is_free)"
    engine.run(
        "candidates",
        f"""create or replace table candidate as
        with named as (
          select l.n, p.person_id from open_row l join open_person p on p.plain = l.plain and p.birth = l.birth
            where {free}
          union select l.n, p.person_id from open_row l join open_person p on p.plain = l.plain and p.bare = l.bare
            where {free} and l.bare <> ''
          union select l.n, p.person_id from open_row l join open_person p on p.birth = l.birth and p.bare = l.bare
            where {free} and l.bare <> '')
        select n, person_id, min(sign) as sign from number_hit group by all
        union all select n, person_id, 'none' from named anti join number_hit using (n, person_id)""",
    )


def _load(
    engine: Engine,
    table: str,
    rows: Iterable[Sequence[object]],
    names: Sequence[str],
    types: Sequence[pa.DataType] = (),
) -> None:
    """Rows made in Python as an engine table; columns are text unless ``types`` says otherwise."""
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    kinds = types or [pa.string()] * len(names)
    arrays = [pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
    batch = pa.record_batch(arrays, names=list(names))
    engine.load(table, pa.RecordBatchReader.from_batches(batch.schema, [batch]))
