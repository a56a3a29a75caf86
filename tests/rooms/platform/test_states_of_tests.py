"""What one test leaves and the next one sees: states put back (``tests/snapshots.py``), tables emptied
(``tests/append_only_flush.py``)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

import append_only_flush
from snapshots import restored
from tuopin.platform.access import local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.models import Marker

pytestmark = pytest.mark.django_db(transaction=True)


def asked(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def everything() -> dict[str, list[str]]:
    """All rows, and where sequences stand."""
    rows = {table: sorted(map(repr, asked(f'select * from "{table}"'))) for table in append_only_flush.filled()}
    sequences = "sqlite_sequence" if connection.vendor == "sqlite" else "pg_sequences"
    return rows | {"": sorted(map(repr, asked(f"select * from {sequences}")))}


def empty() -> None:
    """As between two tests."""
    call_command("flush", verbosity=0, interactive=False, reset_sequences=False, inhibit_post_migrate=True)


def user(name: str) -> None:
    accounts.add_user(local_admin(), name, "a-long-password-1", must_change=False)


def made() -> list[str]:
    user("liwei")
    return ["liwei"]


def test_what_was_left_is_not_seen() -> None:
    names = restored("one_account", made)
    before = everything()
    names.append("changed")
    user("zhang")
    Marker.objects.create(name="left")
    empty()
    assert restored("one_account", made) == ["liwei"]
    assert everything() == before
    user("wang")  # nothing stands in the way of the next row
    with pytest.raises(DatabaseError), transaction.atomic():
        asked("delete from platform_audit_entry")


def test_a_state_takes_in_no_rows_of_the_test_and_none_are_lost_to_it() -> None:
    Marker.objects.create(name="of this test")
    for name in ("another_account", "one_account"):  # to be made, and perhaps to be put back
        with pytest.raises(AssertionError, match="platform_marker"):
            restored(name, made)
    assert Marker.objects.filter(name="of this test").exists()


def test_a_state_that_could_not_be_made_is_made_by_the_next() -> None:
    def broken() -> int:
        user("liwei")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        restored("broken", broken)
    empty()
    assert restored("broken", lambda: 4) == 4


def test_tables_refuse_again_although_emptying_them_failed() -> None:
    user("liwei")
    with pytest.raises(DatabaseError):
        connection.ops.execute_sql_flush(['DELETE FROM "platform_audit_entry"', "no statement"])
    with pytest.raises(DatabaseError), transaction.atomic():
        asked("delete from platform_audit_entry")
