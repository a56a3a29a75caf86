"""The set engine on Spark: the same named steps over the same Parquet, on a cluster or in a process of its own.

The only file that names Spark. It needs the extra ``spark`` and Java 17 or 21. ANSI mode: an overflow, a wrong cast or
a division by zero is an error that names the step, as in DuckDB; nothing becomes NULL by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.enabled": "false",
    "spark.sql.legacy.parquet.nanosAsLong": "false",
}
"""What verdicts rest on, and no server beside the work. Addresses, memory and cores are the operator's to set."""


class SparkEngineError(Exception):
    """A step failed; ``step`` names it. The first line of Spark's own message follows."""

    def __init__(self, step: str, error: PySparkException) -> None:
        super().__init__(
            f"{step}: {str(error).partition(chr(10))[0]}"
        )  # what follows is the plan and the stack of Java
        self.step = step


class SparkEngine:
    """A session on the cluster ``master`` (``local[2]``: two threads of this machine). Use as a context manager."""

    def __init__(self, master: str = "local[*]", settings: dict[str, str] | None = None) -> None:
        builder = SparkSession.builder.master(master).appName("tuopin")
        for name, value in {**(settings or {}), **SETTINGS}.items():
            builder = builder.config(name, value)
        self._session = builder.getOrCreate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.stop()

    @property
    def dialect(self) -> str:
        return "spark"

    def table(self, step: str, name: str, sql: str) -> None:
        """Keep the rows of a query under a new name. Raises SparkEngineError naming the step."""
        try:
            self._session.sql(sql).cache().createOrReplaceTempView(name)
        except PySparkException as error:
            raise SparkEngineError(step, error) from error

    def name(self, name: str, sql: str) -> None:
        """Read a query under a name, whatever stood under it before. Raises SparkEngineError."""
        try:
            self._session.sql(sql).createOrReplaceTempView(name)
        except PySparkException as error:
            raise SparkEngineError(f"name {name}", error) from error

    def write(self, step: str, sql: str, path: Path) -> None:
        """Write the rows of a query as Parquet: a folder ``path`` with a file a task. Raises SparkEngineError."""
        try:
            self._session.sql(sql).write.mode("overwrite").parquet(str(path))
        except PySparkException as error:
            raise SparkEngineError(step, error) from error

    def view(self, name: str, files: Sequence[Path]) -> None:
        """Read Parquet files or folders of the same columns, at least one, under a name. Raises SparkEngineError."""
        try:
            self._session.read.parquet(*map(str, files)).createOrReplaceTempView(name)
        except PySparkException as error:
            raise SparkEngineError(f"read {name}", error) from error

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a query as tuples of Python values. Raises SparkEngineError."""
        try:
            return [tuple(row) for row in self._session.sql(sql).collect()]
        except PySparkException as error:
            raise SparkEngineError("query", error) from error
