"""Starting the child that reads a file, and putting its end in words, whatever it is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from tuopin.core.workbook.errors import WorkbookError
from tuopin.core.workbook.inspecting import SheetView
from tuopin.core.workbook.model import Limits, StagedSheet
from tuopin.core.workbook.text import shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tuopin.core.workbook.kinds import Kind

_PACKAGES = Path(__file__).resolve().parents[3]
_DIAGNOSIS = {"memory": 1 << 30, "seconds": 120}
_END_OF_CPU_TIME = -signal.SIGXCPU if hasattr(signal, "SIGXCPU") else None  # Windows limits no CPU time
_OUT_OF_MEMORY = ("memory allocation of", "MemoryError", "bad_alloc", "out of memory", "capacity overflow")


def read_file(
    path: Path,
    kinds: Sequence[Kind],
    staging_dir: Path,
    *,
    extra_titles: Mapping[str, Mapping[str, str]] | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen, never changed
    progress: Callable[[int], None] | None = None,
) -> list[StagedSheet]:
    """Read a workbook or text table in a child process and stage its sheets in ``staging_dir`` (which must exist).

    ``extra_titles``: kind -> header as written -> field, empty field = ignore the column. ``progress`` gets the rows
    read so far. Raises WorkbookError when the file is refused, or when the child died or passed a limit.
    """
    if not path.is_file():
        raise WorkbookError("not_found", file=path.name)
    request = {
        "task": "stage",
        "path": str(path.resolve()),
        "kinds": [kind.to_json() for kind in kinds],
        "staging_dir": str(staging_dir.resolve()),
        "extra_titles": {kind: dict(table) for kind, table in (extra_titles or {}).items()},
        "limits": asdict(limits),
    }
    return [StagedSheet.from_json(document) for document in _ask(request, path.name, limits, progress)]


def inspect_file(
    path: Path,
    kinds: Sequence[Kind],
    *,
    extra_titles: Mapping[str, Mapping[str, str]] | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen, never changed
    progress: Callable[[int], None] | None = None,
) -> list[SheetView]:
    """Look at a file in a child process: kinds, headers and rows of its sheets. Nothing is staged.

    Raises WorkbookError as :func:`read_file` does, but not for headers of no known kind.
    """
    if not path.is_file():
        raise WorkbookError("not_found", file=path.name)
    request = {
        "task": "inspect",
        "path": str(path.resolve()),
        "kinds": [kind.to_json() for kind in kinds],
        "extra_titles": {kind: dict(table) for kind, table in (extra_titles or {}).items()},
        "limits": asdict(limits),
    }
    return [SheetView(**document) for document in _ask(request, path.name, limits, progress)]


def _ask(
    request: dict[str, Any], name: str, limits: Limits, progress: Callable[[int], None] | None
) -> list[dict[str, Any]]:
    late = threading.Event()
    with tempfile.TemporaryFile() as complaints:
        child = _start(complaints)

        def stop() -> None:
            late.set()
            child.kill()

        timer = threading.Timer(limits.seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            last = _converse(child, request, progress)
        finally:
            timer.cancel()
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe:
                    pipe.close()
        if "sheets" in last:
            sheets: list[dict[str, Any]] = last["sheets"]
            return sheets
        if "error" in last:
            raise WorkbookError.from_json(last["error"])
        complaints.seek(0, os.SEEK_END)
        complaints.seek(max(complaints.tell() - 2000, 0))
        said = complaints.read().decode("utf-8", "replace").strip()
    out_of_time = late.is_set() or child.returncode == _END_OF_CPU_TIME
    raise _why_dead(request, name, limits, said, timed_out=out_of_time)


def _start(complaints: IO[bytes]) -> subprocess.Popen[bytes]:
    paths = [str(_PACKAGES), *filter(None, [os.environ.get("PYTHONPATH")])]
    # The system's allocator gives memory back and does not reserve address space, which is limited.
    settings = {"PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "tuopin.core.workbook.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        env=os.environ | settings,
    )


def _converse(
    child: subprocess.Popen[bytes], request: dict[str, Any], progress: Callable[[int], None] | None
) -> dict[str, Any]:
    """Send the request, pass on progress, return the last answer ({} if the child ended without one)."""
    if child.stdin is None or child.stdout is None:
        return {}
    try:
        child.stdin.write(json.dumps(request).encode() + b"\n")
        child.stdin.flush()
    except BrokenPipeError:
        return {}
    for line in child.stdout:
        try:
            answer: dict[str, Any] = json.loads(line)
        except ValueError:  # cut off by the child's death
            return {}
        if "rows" not in answer:
            return answer
        if progress:
            progress(answer["rows"])
    return {}


def _why_dead(request: dict[str, Any], name: str, limits: Limits, said: str, *, timed_out: bool) -> WorkbookError:
    """The child ended without an answer: was it one far cell, memory, time, or a crash?"""
    if request["task"] != "far_cell":
        diagnosis = {**request, "task": "far_cell", "limits": request["limits"] | _DIAGNOSIS}
        try:
            _ask(diagnosis, name, Limits(**diagnosis["limits"]), None)
        except WorkbookError as error:
            if error.code == "cell_range":
                return error
    if timed_out:
        return WorkbookError("too_slow", file=name, seconds=limits.seconds)
    if not said or any(mark in said for mark in _OUT_OF_MEMORY):
        return WorkbookError("too_large", file=name, memory=limits.memory >> 20)
    return WorkbookError("reader_failed", file=name, reason=shorten(said.splitlines()[-1]))
