"""The same compiled plan on Spark and on DuckDB over the same Parquet: equal row by row, and errors never silent."""

from __future__ import annotations

import datetime
import importlib.util
import itertools
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.language.generated import REGISTER
from core.language.relations import fill
from core.language.sample import DAY as SAMPLE_DAY
from core.language.sample import environment
from core.language.test_three_evaluators_agree import check_and_build, outputs
from core.standards.registers import ARROW, CATALOGUE, DAY, flatten, pack
from tuopin.core.engine import Engine
from tuopin.core.engine_spark import SparkEngine, SparkEngineError
from tuopin.core.language import build, write_sql
from tuopin.core.standards import chain, prepare
from tuopin.core.standards.pipeline import evaluate
from tuopin.core.standards.probe import Generator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuopin.core.engine import SetEngine
    from tuopin.core.standards import Prepared

BENCH = Path(__file__).resolve().parents[2] / "bench"
HOUSEHOLDS = 20_000


def different(one: Path, other: Path) -> list[tuple[Any, ...]]:
    """Rows that stand in one of two Parquet folders or files and not in the other; a few of them."""
    left, right = (f"read_parquet('{path}{'/*.parquet' if path.is_dir() else ''}')" for path in (one, other))
    connection = duckdb.connect()
    assert connection.execute(f"SELECT count(*) FROM {left}").fetchone() != (0,)
    columns = [name for name, *_ in connection.execute(f"DESCRIBE FROM {left}").fetchall()]
    listed = ", ".join(f'"{name}"' for name in columns)  # under one order; what is missing in the other fails here
    found = connection.execute(
        f"(SELECT {listed} FROM {left} EXCEPT ALL SELECT {listed} FROM {right})"
        f" UNION ALL (SELECT {listed} FROM {right} EXCEPT ALL SELECT {listed} FROM {left}) LIMIT 5"
    )
    return found.fetchall()


@pytest.fixture
def interpreted(spark: SparkEngine) -> Iterator[None]:
    """Expressions carried out without compiling them: of few rows the compiler would take all the time. The nation's
    are compiled."""
    compiled = {"spark.sql.codegen.wholeStage": "true", "spark.sql.codegen.factoryMode": "FALLBACK"}
    for name, value in (("spark.sql.codegen.wholeStage", "false"), ("spark.sql.codegen.factoryMode", "NO_CODEGEN")):
        spark.rows(f"SET {name}={value}")
    yield
    for name, value in compiled.items():
        spark.rows(f"SET {name}={value}")


@pytest.fixture(scope="session")
def nation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nation")
    subprocess.run([sys.executable, BENCH / "make_nation.py", str(HOUSEHOLDS), folder], check=True, capture_output=True)
    return folder


def test_the_chain_over_a_nation_is_equal_row_by_row(nation: Path, spark: SparkEngine, tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("nation", BENCH / "nation.py")
    assert spec is not None
    assert spec.loader is not None
    seen_by_rules = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(seen_by_rules)
    passes = chain.plan(seen_by_rules.pack(), seen_by_rules.KEYS, CATALOGUE, DAY)
    with Engine(threads=2) as engine:
        for name, each in (("duckdb", engine), ("spark", spark)):
            (tmp_path / name).mkdir()
            chain.run(passes, each, seen_by_rules.relations(each, nation), tmp_path / name)
    for key in seen_by_rules.KEYS:
        stored = f"verdict_{key}.parquet"
        assert different(tmp_path / "duckdb" / stored, tmp_path / "spark" / stored) == []
    counted = spark.rows('SELECT overall, count(*) FROM "verdict_household_exit" GROUP BY overall')
    assert sum(number for _, number in counted) == HOUSEHOLDS
    assert {0, 1, 2} == {code for code, _ in counted}


def write_register(prepared: Prepared, folder: Path) -> list[str]:
    """The relations of a generated register as Parquet; the levels."""
    generator = Generator(prepared, seed=5)
    subjects = [generator.subject() for _ in range(120)]
    ages = sorted({f"{block}__as_of" for item in prepared.items for _, block in item.aged_blocks})
    for at, subject in enumerate(subjects):  # evidence from today to two years ago, and none
        subject |= {name: DAY - datetime.timedelta(days=at * 7) if at % 9 else None for name in ages}
    with Engine(threads=1) as engine:
        levels = flatten(prepared, subjects)
        for level, rows in levels.items():
            kinds = {name: fact.type for name, fact in prepared.catalogue.facts(level).items()}
            fields = [("id", pa.int64()), ("parent_id", pa.int64())]
            fields += [(name, ARROW.get(kinds[name], pa.int64())) for name in prepared.program.needs[level]]
            fields += [(f"{name}__absent", pa.bool_()) for name in prepared.program.absent_needs[level]]
            fields += [(name, pa.date32()) for name in ages if level == prepared.standard.level]
            engine.load(level, pa.Table.from_pylist(rows, schema=pa.schema(fields)).to_reader())
            engine.write("register", f'SELECT * FROM "{level}"', folder / f"{level}.parquet")
    return list(levels)


def judge(engine: SetEngine, prepared: Prepared, levels: list[str], register: Path, out: Path) -> None:
    out.mkdir()
    for level in levels:
        engine.view(f"given_{level}", [register / f"{level}.parquet"])
    evaluate(prepared, engine, {level: f"given_{level}" for level in levels}, "judged", out)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("national", "household_exit"),
        ("national", "village_exit"),
        ("monitoring-2021", "risk_removal"),
        ("data-quality", "household_quality"),
        ("water", "water_full"),
    ],
)
@pytest.mark.usefixtures("interpreted")
def test_a_generated_register_is_judged_alike(name: str, key: str, spark: SparkEngine, tmp_path: Path) -> None:
    prepared = prepare(pack(name), key, CATALOGUE, DAY)
    levels = write_register(prepared, tmp_path)
    with Engine(threads=1) as engine:
        judge(engine, prepared, levels, tmp_path, tmp_path / "duckdb")
    judge(spark, prepared, levels, tmp_path, tmp_path / "spark")
    assert different(tmp_path / "duckdb" / "judged.parquet", tmp_path / "spark" / "judged.parquet") == []


NUMBERS = itertools.count()


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("level", ["household", "village", "person"])
@settings(max_examples=2, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_values_of_generated_expressions_are_equal(
    level: str, spark: SparkEngine, tmp_path: Path, data: st.DataObject
) -> None:
    """Amounts on their bounds, products beyond 64 bits, days and years, blanks and absent columns among them."""
    names, folder = environment(level), tmp_path / str(next(NUMBERS))
    folder.mkdir()
    texts = {f"{at}_{key}": text for at in range(3) for key, text in data.draw(outputs(level), label="outputs").items()}
    typed = {key: one for key, text in texts.items() if (one := check_and_build(text, level)) is not None}
    program = build(names, typed)
    connection = duckdb.connect(config={"threads": 1})
    fill(connection, data.draw(REGISTER, label="register"))
    for each in program.levels:
        connection.execute(f"COPY {each} TO '{folder / each}.parquet' (FORMAT parquet)")
        spark.view(each, [folder / f"{each}.parquet"])
    if not connection.execute(f"SELECT count(*) FROM {level}").fetchone()[0]:  # type: ignore[index]  # a count has a row
        return
    query = write_sql(program, SAMPLE_DAY)
    wide = f"SELECT columns(*)::VARCHAR FROM ({query.text})"  # what differs in width only is equal
    connection.execute(f"COPY ({wide}) TO '{folder / 'duckdb'}.parquet' (FORMAT parquet)")
    spark.write("values", write_sql(program, SAMPLE_DAY, dialect="spark").text, folder / "spark")
    read = duckdb.connect()
    files = f"'{folder / 'spark'}/*.parquet'"
    read.execute(f"COPY (SELECT columns(*)::VARCHAR FROM {files}) TO '{folder / 'read'}.parquet' (FORMAT parquet)")
    assert different(folder / "duckdb.parquet", folder / "read.parquet") == []


@pytest.mark.parametrize("text", ["it's", "a\\b", "\\'; DROP TABLE x --", "“全角”"])
def test_texts_mean_themselves(text: str, spark: SparkEngine) -> None:
    from tuopin.core.language.dialects import SPARK

    assert spark.rows(f"SELECT {SPARK.text(text)}") == [(text,)]


@pytest.mark.parametrize(
    "sql",
    ["SELECT 1 / 0", "SELECT CAST(9223372036854775807 AS BIGINT) + 1", "SELECT CAST('x' AS BIGINT)",
     "SELECT CAST('9e37' AS DECIMAL(38, 0)) * 10", "SELECT * FROM nothing_of_this_name"],
)  # fmt: skip
def test_what_cannot_be_computed_is_an_error_that_names_its_step(sql: str, spark: SparkEngine) -> None:
    with pytest.raises(SparkEngineError, match="query: "):
        spark.rows(sql)


def test_a_table_is_kept_and_read_again(spark: SparkEngine) -> None:
    spark.table("numbers", "kept", "SELECT id FROM range(3)")
    assert sorted(spark.rows("SELECT id FROM kept")) == [(0,), (1,), (2,)]
    with pytest.raises(SparkEngineError, match="wrong: "):
        spark.table("wrong", "other", "SELECT missing FROM kept")
