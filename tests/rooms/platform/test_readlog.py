"""The read log: nothing forgotten, nothing doubled, never in the way."""

from __future__ import annotations

import json
import shutil
import stat
from typing import TYPE_CHECKING

import pytest

from tuopin.platform.access import Actor
from tuopin.platform.auditing import readlog
from tuopin.platform.home import home
from tuopin.platform.models import ReadEntry
from tuopin.platform.models.append_only import AppendOnlyError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installation import Installation

pytestmark = pytest.mark.django_db

CADRE = Actor("user", 7, "liwei")


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    """Lines that other tests of this process left would be taken in with the test's own."""
    shutil.rmtree(home() / "readlog", ignore_errors=True)
    yield
    shutil.rmtree(home() / "readlog", ignore_errors=True)


def test_a_line_is_one_entry() -> None:
    readlog.read(CADRE, "register.households", {"area": 3, "name": "张"}, 250, "ab" * 32)
    assert not ReadEntry.objects.exists()
    assert readlog.drain() == 1
    entry = ReadEntry.objects.get()
    assert (entry.user_id, entry.what, entry.count) == (7, "register.households", 250)
    assert json.loads(entry.filter) == {"area": 3, "name": "张"}
    assert readlog.drain() == 0
    with pytest.raises(AppendOnlyError):
        entry.delete()


def test_the_spool_is_closed_to_others_and_emptied() -> None:
    readlog.read(CADRE, "household:1", {}, 1)
    (spool,) = (home() / "readlog").glob("*.jsonl")
    assert stat.S_IMODE(spool.stat().st_mode) == 0o600
    readlog.drain()
    assert not list((home() / "readlog").glob("*.jsonl"))


def test_a_file_that_comes_back_after_a_crash_is_not_taken_in_twice() -> None:
    readlog.read(CADRE, "household:1", {}, 1)
    folder = home() / "readlog"
    taken = folder / ("a" * 32 + ".jsonl")
    (folder / "open.jsonl").rename(taken)
    content = taken.read_bytes()
    assert readlog.drain() == 1
    taken.write_bytes(content)  # as if the power had failed between the commit and the unlink
    assert readlog.drain() == 0
    assert ReadEntry.objects.count() == 1


def test_a_torn_last_line_loses_only_itself() -> None:
    readlog.read(CADRE, "household:1", {}, 1)
    with (home() / "readlog" / "open.jsonl").open("ab") as file:
        file.write(b'{"at": 15')
    assert readlog.drain() == 1


def test_readers_and_drainers_at_once(installed: Installation) -> None:
    code = """
from tuopin.platform.auditing import readlog
from tuopin.platform.access import local_admin
for n in range(200):
    readlog.read(local_admin(), f"household:{n}", {}, 1)
    if n % 20 == 0: readlog.drain()
"""
    installed.run("audit", "head")
    for process in [installed.start(code=code) for _ in range(3)]:
        _out, err = process.communicate(timeout=600)
        assert process.returncode == 0, err
    count = "from tuopin.platform.auditing import readlog\nfrom tuopin.platform.models import ReadEntry\n"
    assert installed.run(code=count + "readlog.drain(); print(ReadEntry.objects.count())").strip() == "600"
