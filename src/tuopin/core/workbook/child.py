"""The process that reads one file: ``python -m tuopin.core.workbook.child``, started by ``reader``.

One JSON request comes on standard input; answers go out as JSON lines: ``{"rows": n}`` now and then, and last
``{"sheets": [...]}`` or ``{"error": {...}}``. Anything else that ends the process (a reader killed by the kernel, a
crash in foreign code) is put in words by the parent.
"""

from __future__ import annotations

import errno
import importlib
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any


def limit_process(memory: int, seconds: int) -> None:
    """Bound address space and CPU time, and leave no core dump. Where the system has no such limits, time alone
    (watched by the parent) bounds the child."""
    try:
        import resource
    except ImportError:  # Windows
        return
    # CPU time ends with SIGXCPU, a second before the kernel's kill: the parent tells it from want of memory.
    for which, value, grace in (
        (resource.RLIMIT_AS, memory, 0),
        (resource.RLIMIT_CPU, seconds, 1),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        _soft, hard = resource.getrlimit(which)
        last = value + grace if hard == resource.RLIM_INFINITY else min(value + grace, hard)
        resource.setrlimit(which, (min(value, last), last))


def say(document: dict[str, Any]) -> None:
    """One JSON line to the parent. When the parent has gone, so does the child."""
    try:
        sys.stdout.write(json.dumps(document, ensure_ascii=True) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os._exit(1)


def main() -> None:
    request = json.loads(sys.stdin.readline())
    limit_process(request["limits"]["memory"], request["limits"]["seconds"])
    from tuopin.core.workbook.errors import WorkbookError

    path = Path(request["path"])
    try:
        say(answer(request, path))
    except WorkbookError as error:
        error.file = path.name
        say({"error": error.to_json()})
    except MemoryError:
        say({"error": {"code": "too_large", "file": path.name, "memory": request["limits"]["memory"] >> 20}})
    except OSError as error:
        code = "disk_full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "not_readable"
        say({"error": {"code": code, "file": path.name, "reason": error.strerror or str(error)}})


def answer(request: dict[str, Any], path: Path) -> dict[str, Any]:
    from tuopin.core.workbook.model import Limits

    limits = Limits(**request["limits"])
    if request["task"] == "far_cell":
        from tuopin.core.workbook.spreadsheets import far_cell

        far_cell(path, limits)
        return {"sheets": []}
    from tuopin.core.workbook.kinds import Kind

    if request["task"] == "inspect":
        from tuopin.core.workbook.inspecting import inspect

        kinds = [Kind.from_json(kind) for kind in request["kinds"]]
        views = inspect(path, kinds, request["extra_titles"], limits, lambda rows: say({"rows": rows}))
        return {"sheets": [view.to_json() for view in views]}
    from tuopin.core.workbook.staged import stage_file

    # The workbook reader lets other threads run while it unpacks a sheet: the Arrow libraries load meanwhile.
    threading.Thread(target=importlib.import_module, args=["tuopin.core.workbook.staging"], daemon=True).start()

    sheets = stage_file(
        path,
        [Kind.from_json(kind) for kind in request["kinds"]],
        Path(request["staging_dir"]),
        request["extra_titles"],
        limits,
        lambda rows: say({"rows": rows}),
    )
    return {"sheets": [sheet.to_json() for sheet in sheets]}


if __name__ == "__main__":
    # Arrow loads numpy wherever it is installed: a third of this process's start, and nothing here uses it.
    sys.modules["numpy"] = None  # type: ignore[assignment]  # Python's own way to say that there is none
    main()
