"""Sixteen processes draw numbers at one moment: without the lock of the counter two of them get one number (which is
what makes the lock worth having), with it nobody does, and no number is left out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import migrated
from installation import installation

if TYPE_CHECKING:
    from pathlib import Path

PROCESSES, EACH = 16, 4
CODE = """
import json, os, sys, time
from django.db import connections

from tuopin.duties.models import Organisation
from tuopin.orders.models import NumberCounter, NumberWord
from tuopin.orders.papers import numbers
from tuopin.platform import database

office = Organisation.objects.create()
bare, locked = (NumberWord.objects.create(organisation=office, word=word) for word in ("bare", "locked"))
NumberCounter.objects.create(word=bare, year=2018)
connections.close_all()  # each process opens its own

def without():
    row = NumberCounter.objects.get(word=bare, year=2018)
    time.sleep(0.02)
    with database.write():
        NumberCounter.objects.filter(pk=row.pk).update(last=row.last + 1)
    return row.last + 1

def drawn():
    with database.write():
        found = numbers.draw(locked, 2018, 1)
        time.sleep(0.02)
    return found

def in_processes(draw):
    begin = time.time() + 1
    ends, children = [], []
    for _ in range({processes}):
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            time.sleep(max(begin - time.time(), 0))
            os.write(writing, json.dumps([draw() for _ in range({each})]).encode())
            os._exit(0)
        os.close(writing)
        ends.append(reading)
        children.append(child)
    found = []
    for child, end in zip(children, ends):
        with os.fdopen(end) as said:
            found += json.loads(said.read() or "[]")
        assert os.waitpid(child, 0)[1] == 0
    return found

print(json.dumps([in_processes(without), in_processes(drawn)]))
"""


def test_no_number_twice_and_none_left_out(tmp_path: Path) -> None:
    with installation(tmp_path / "home", like=migrated.made()) as made:
        (tmp_path / "home").mkdir(mode=0o700, exist_ok=True)
        said = made.run(code=CODE.replace("{processes}", str(PROCESSES)).replace("{each}", str(EACH)))
    bare, locked = json.loads(said.splitlines()[-1])
    assert len(bare) == len(locked) == PROCESSES * EACH
    assert len(set(bare)) < len(bare)  # the race is there
    assert sorted(locked) == list(range(1, PROCESSES * EACH + 1))
