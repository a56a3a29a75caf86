"""Tests of the cluster's engine have a job of their own (script/test-spark): they need Spark and Java.

Without Spark nothing here is collected; script/test says so.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tuopin.core.engine_spark import SparkEngine

if importlib.util.find_spec("pyspark") is None:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkEngine]:
    """One session for all tests: it takes seconds to start."""
    from tuopin.core.engine_spark import SparkEngine

    folder: Path = tmp_path_factory.mktemp("spark")
    settings = {
        "spark.sql.shuffle.partitions": "1",
        "spark.driver.memory": "2g",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.local.dir": str(folder / "local"),
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
    }
    with SparkEngine("local[2]", settings) as engine:
        yield engine
