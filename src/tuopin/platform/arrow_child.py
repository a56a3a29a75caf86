"""The process that reads SQLite as Arrow: ``python -m tuopin.platform.arrow_child``, started by ``arrow``.

The driver brings a SQLite library of its own. Two of them in one process do not see each other's locks on a file and
can truncate what the other has mapped, which ends the process (docs/decisions/0032); so it lives here.

A request is a JSON line on standard input: ``path``, ``sql``, ``params``, ``batch`` (rows from which the driver infers
the types). The answer is a JSON line, ``{}`` or ``{"error": text}``, and after ``{}`` an Arrow stream. Then the next.

With ``hold`` the file is opened at the first request and read in one transaction until this process ends: all answers
are of one moment, and nobody waits for it.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator


_held: list[Any] = []  # the connection that is kept in its transaction


@contextlib.contextmanager
def _opened(request: dict[str, Any]) -> Iterator[Any]:
    from adbc_driver_sqlite import dbapi as sqlite

    address = f"file:{quote(request['path'])}?mode=ro"
    if not request.get("hold"):
        with sqlite.connect(address, autocommit=True) as own:
            yield own
        return
    if not _held:
        _held.append(sqlite.connect(address, autocommit=True))
        with _held[0].cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT count(*) FROM sqlite_master")  # the moment is that of the first reading
            cursor.fetchall()
    yield _held[0]


def answer(request: dict[str, Any], out: Any) -> None:
    """Write the answer to one request. What fails once the stream has begun ends the process, and so the stream."""
    import pyarrow as pa

    began = False
    try:
        with _opened(request) as own, own.cursor() as cursor:
            cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(request["batch"])})
            cursor.execute(request["sql"], request["params"] or None)
            reader = cursor.fetch_record_batch()
            out.write(b"{}\n")
            began = True
            with pa.ipc.new_stream(out, reader.schema) as stream:
                for batch in reader:
                    stream.write_batch(batch)
        out.flush()
    except BrokenPipeError:
        os._exit(1)
    except Exception as error:  # noqa: BLE001 - whatever it was, the parent is to say it
        if began:
            os._exit(1)
        out.write(json.dumps({"error": str(error)}).encode() + b"\n")
        out.flush()


def main() -> None:
    out = sys.stdout.buffer
    for line in sys.stdin.buffer:
        answer(json.loads(line), out)


if __name__ == "__main__":
    main()
