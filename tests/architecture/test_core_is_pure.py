"""core: no clock, no chance without a seed, no engine outside one file, and importable without Django."""

from __future__ import annotations

import ast
import subprocess
import sys

from architecture.sources import PACKAGE, dotted, files, imported, place, tree

CORE = PACKAGE / "core"
ENGINES = {"duckdb": CORE / "engine.py", "pyspark": CORE / "engine_spark.py"}

# Durations (time.monotonic, time.perf_counter) are no clock: they limit a child process, and decide no result.
CLOCKS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns", "time.localtime",
    "time.gmtime", "time.ctime", "time.strftime",
}  # fmt: skip
FROM_TIME = {"time", "time_ns", "localtime", "gmtime", "ctime", "strftime"}
CHANCE = {"secrets", "uuid"}


def test_core_reads_no_clock() -> None:
    wrong = []
    for path in files(CORE, ".py"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Attribute) and ".".join(dotted(node).split(".")[-2:]) in CLOCKS:
                wrong.append(f"{place(path, node)}: {dotted(node)}")
            if isinstance(node, ast.ImportFrom) and node.module == "time":
                wrong += [f"{place(path, node)}: {alias.name}" for alias in node.names if alias.name in FROM_TIME]
    assert not wrong


def test_core_draws_only_with_a_seed() -> None:
    """``random.Random(seed)`` may stand in core; the module's own generator, and sources without a seed, may not."""
    wrong = []
    for path in files(CORE, ".py"):
        wrong += [f"{place(path, node)}: {name}" for name, node in imported(tree(path)) if name in CHANCE]
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and node.module == "random":
                wrong += [f"{place(path, node)}: {alias.name}" for alias in node.names if alias.name != "Random"]
            if (
                isinstance(node, ast.Attribute)
                and dotted(node).startswith("random.")
                and dotted(node) != "random.Random"
            ):
                wrong.append(f"{place(path, node)}: {dotted(node)}")
            if isinstance(node, ast.Call) and dotted(node.func) in {"Random", "random.Random"} and not node.args:
                wrong.append(f"{place(path, node)}: Random() without a seed")
            if isinstance(node, ast.Attribute) and dotted(node) in {"os.urandom", "os.getrandom"}:
                wrong.append(f"{place(path, node)}: {dotted(node)}")
    assert not wrong


def test_only_its_engine_names_duckdb_or_spark() -> None:
    wrong = [
        f"{place(path, node)}: {name}"
        for path in files(PACKAGE, ".py")
        for name, node in imported(tree(path))
        if ENGINES.get(name.split(".")[0], path) != path
    ]
    assert not wrong


def test_core_is_importable_without_django() -> None:
    names = [
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        for path in files(CORE, ".py")
        if path.name != "__main__.py" and path != ENGINES["pyspark"]  # Spark is an extra: tests/spark
    ]
    program = (
        "import importlib, sys\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        "rooms = {m for m in sys.modules if m.startswith('tuopin.') and m.split('.')[1] not in {'core', 'packs'}}\n"
        "print(sorted(rooms | ({'django'} & set(sys.modules))))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
