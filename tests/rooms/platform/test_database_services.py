"""Bulk rows, blocks of ids, Arrow, locks and the data version, on both databases."""

from __future__ import annotations

import datetime
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, connection, transaction

from tuopin.platform import database
from tuopin.platform.locks import Busy, exclusive
from tuopin.platform.models import Grant, Marker, User

if TYPE_CHECKING:
    from installation import Installation

COLUMNS = ("username", "display_name", "password", "language", "must_change_password", "is_active",
           "failed_sign_ins", "locked_until", "created_at", "last_login")  # fmt: skip
NOON = datetime.datetime(2018, 12, 1, 12, 0, 0, 123456, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))


def account(name: str, locked: datetime.datetime | None = None) -> tuple[object, ...]:
    return (name, "张\t三\n\\N'\"", "", "zh-hans", True, False, 0, locked, NOON, None)


@pytest.mark.django_db
def test_bulk_rows_read_back_as_the_orm_would_write_them() -> None:
    with database.write():
        count = database.bulk_insert("platform_user", COLUMNS, (account(f"u{n}", NOON) for n in range(3)))
    assert count == 3
    found = User.objects.get(username="u1")
    assert found.display_name == "张\t三\n\\N'\""
    assert (found.must_change_password, found.is_active) == (True, False)
    assert found.locked_until == found.created_at == NOON
    assert found.last_login is None
    assert User.objects.filter(locked_until__lte=NOON, locked_until__gte=NOON).count() == 3


@pytest.mark.django_db
def test_times_in_bulk_are_each_their_own() -> None:
    times = [NOON + datetime.timedelta(microseconds=each) for each in range(10_010)]  # more than are remembered
    times += [NOON.astimezone(datetime.UTC), times[5], times[-1]]
    with database.write():
        database.bulk_insert("platform_user", COLUMNS, (account(f"u{at:05d}", each) for at, each in enumerate(times)))
    assert list(User.objects.order_by("username").values_list("locked_until", flat=True)) == times


@pytest.mark.django_db
def test_an_array_written_as_text_is_read_back_value_by_value() -> None:
    texts = [
        "",
        "NULL",
        "null",
        " a ",
        "a,b",
        "{}",
        '{"x":"\\\\\\""}',
        "\\",
        '"',
        "'; drop table x",
        "张三",
        "%s",
        None,
    ]
    assert database.array([]) == "{}"
    if not database.is_postgresql():  # SQLite has no arrays
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT array(SELECT unnest(%s::text[])), %s::text[]", [database.array(texts), "{}"])
        assert cursor.fetchone() == (texts, [])
        cursor.execute(
            "SELECT %s::timestamptz[], %s::bigint[], %s::boolean[]",
            [
                database.array([NOON, None, NOON.astimezone(datetime.UTC), NOON + datetime.timedelta(microseconds=1)]),
                database.array([2**62, -1, -1, None]),
                database.array([True, False, None, True]),
            ],
        )
        assert cursor.fetchone() == (
            [NOON, None, NOON, NOON + datetime.timedelta(microseconds=1)],
            [2**62, -1, -1, None],
            [True, False, None, True],
        )


@pytest.mark.django_db
def test_no_rows_are_no_rows() -> None:
    with database.write():
        assert database.bulk_insert("platform_user", COLUMNS, []) == 0


@pytest.mark.django_db
def test_a_fault_in_the_rows_leaves_nothing() -> None:
    def rows() -> object:
        yield account("first")
        yield account("first")

    def insert() -> None:
        with database.write():
            database.bulk_insert("platform_user", COLUMNS, rows())  # type: ignore[arg-type]  # a generator of tuples

    with pytest.raises(IntegrityError):
        insert()
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_bulk_rows_ids_and_versions_need_a_transaction() -> None:
    for call in (
        lambda: database.bulk_insert("platform_user", COLUMNS, []),
        lambda: database.reserve_ids(User, 1),
        database.bump_data_version,
    ):
        with pytest.raises(RuntimeError, match="transaction"):
            call()


@pytest.mark.django_db
def test_reserved_ids_are_consecutive_and_nobody_elses() -> None:
    before = User.objects.create_user("before", None)
    with database.write():
        first = database.reserve_ids(User, 1000)
        second = database.reserve_ids(User, 1)
    assert first > before.pk
    assert second >= first + 1000
    assert User.objects.create_user("after", None).pk > second
    with pytest.raises(ValueError, match="at least 1"), database.write():
        database.reserve_ids(User, 0)
    with pytest.raises(TypeError), database.write():
        database.reserve_ids(Marker, 1)


@pytest.mark.django_db
def test_reserving_on_a_table_never_used() -> None:
    with database.write():
        first = database.reserve_ids(Grant, 10)
        assert database.reserve_ids(Grant, 10) == first + 10


def test_two_processes_reserve_and_insert_at_once(installed: Installation) -> None:
    code = """
from tuopin.platform import database
from tuopin.platform.models import User
for n in range(20):
    with database.write():
        first = database.reserve_ids(User, 50)
        User.objects.bulk_create([User(id=first + i, username=f"{NAME}-{n}-{i}") for i in range(50)])
    User.objects.create_user(f"{NAME}-{n}", None)
"""
    installed.run("audit", "head")
    both = [installed.start(code=f"NAME = {name!r}\n" + code) for name in ("a", "b")]
    for process in both:
        _out, err = process.communicate(timeout=600)
        assert process.returncode == 0, err
    assert len(installed.document("user", "list")["users"]) == 2 * 20 * 51


@pytest.mark.django_db(transaction=True)
def test_numbers_drawn_by_others_meanwhile_do_not_end_a_reservation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others draw before they wait for the lock: a draw right after it may be broken too."""
    real, broken = database._draw, []

    def draw(cursor: Any, table: str, column: str, n: int) -> tuple[int, int]:
        first, last = real(cursor, table, column, n)
        if len(broken) == 6:
            return first, last
        broken.append(first)
        return first, last + 1

    monkeypatch.setattr(database, "_draw", draw)
    with database.write():
        first = database.reserve_ids(Grant, 10)
        assert database.reserve_ids(Grant, 10) == first + 10
    assert len(broken) == (6 if database.is_postgresql() else 0)  # SQLite has one writer: nobody draws meanwhile


@pytest.mark.django_db(transaction=True)
def test_arrow_reads_what_is_committed() -> None:
    with database.write():
        database.bulk_insert("platform_user", COLUMNS, (account(f"u{n}") for n in range(5)))
    reader = database.arrow(
        "SELECT id, username FROM platform_user WHERE username <> ? AND username <> '?' ORDER BY id", ["u3"]
    )
    table = reader.read_all()
    assert table.column("username").to_pylist() == ["u0", "u1", "u2", "u4"]
    assert database.arrow("SELECT username FROM platform_user WHERE 1 = 0").read_all().num_rows == 0


@pytest.mark.django_db(transaction=True)
def test_arrow_does_not_see_an_open_transaction_nor_wait_for_it() -> None:
    with database.write():
        User.objects.create_user("hidden", None)
        assert database.arrow("SELECT count(*) AS n FROM platform_user").read_all().column("n").to_pylist() == [0]


@pytest.mark.django_db
def test_the_data_version_counts_changes_and_forgets_those_rolled_back() -> None:
    start = database.data_version()
    with database.write():
        database.bump_data_version()
    assert database.data_version() == start + 1

    def fail() -> None:
        with transaction.atomic():
            database.bump_data_version()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert database.data_version() == start + 1


@pytest.mark.django_db
def test_a_lock_is_held_alone_and_given_back() -> None:
    with exclusive("import"):
        with pytest.raises(Busy), exclusive("import", wait=0):
            pass
        with exclusive("another one / 导入", wait=0):
            pass
    with exclusive("import", wait=0):
        pass


def test_a_killed_holder_frees_the_lock(installed: Installation) -> None:
    holder = installed.start(
        code="""
import sys, time
from tuopin.platform.locks import exclusive
with exclusive("import"):
    print("held", flush=True)
    time.sleep(60)
"""
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    busy = "from tuopin.platform.locks import exclusive\nwith exclusive('import', wait={}): pass"
    process = installed.start(code=busy.format(0))
    assert "Busy" in process.communicate(timeout=600)[1]
    holder.kill()
    holder.communicate()
    installed.run(code=busy.format(5))


@pytest.mark.django_db(transaction=True)
def test_a_second_writer_waits_and_readers_do_not() -> None:
    """The writer that comes second waits for the first; it neither fails nor overwrites."""
    Marker.objects.create(name="race", number=0)
    inside, errors = threading.Event(), []

    def first() -> None:
        try:
            with database.write():
                marker = Marker.objects.select_for_update().get(name="race")
                inside.set()
                time.sleep(0.3)
                marker.number += 1
                marker.save()
        except Exception as error:  # noqa: BLE001 - handed to the test
            errors.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(10)
    begun = time.monotonic()
    assert Marker.objects.get(name="race").number == 0
    assert time.monotonic() - begun < 0.25, "a reader waited for a writer"
    with database.write():
        marker = Marker.objects.select_for_update().get(name="race")
        marker.number += 1
        marker.save()
    thread.join()
    assert not errors
    assert Marker.objects.get(name="race").number == 2


@pytest.mark.django_db(transaction=True)
def test_a_wrong_query_as_arrow_is_an_error_of_the_database_and_the_next_one_works() -> None:
    with pytest.raises(Exception, match="no_such_table"):
        database.arrow("SELECT * FROM no_such_table")
    assert database.arrow("SELECT 1 AS n").read_all().num_rows == 1


@pytest.mark.django_db(transaction=True)
def test_a_reader_dropped_half_way_or_killed_leaves_nothing_behind() -> None:
    many = "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 500000) SELECT n FROM t"
    reader = database.arrow(many)
    reader.read_next_batch()
    del reader
    assert database.arrow(many).read_all().num_rows == 500_000


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_postgresql_is_asked_for_its_types_once_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening a database reads every type there is, 0.1 s and more; an import reads many times."""
    import adbc_driver_postgresql

    assert database.arrow("SELECT 1 AS n").read_all().num_rows == 1
    monkeypatch.setattr(adbc_driver_postgresql, "connect", lambda *_a, **_n: pytest.fail("opened again"))
    assert database.arrow("SELECT 2 AS n").read_all().column("n").to_pylist() == [2]


@pytest.mark.django_db(transaction=True)
def test_readers_at_once_each_read_their_own() -> None:
    """One ends, one is dropped half-way, others of other threads read meanwhile; none takes from another."""
    some = "WITH RECURSIVE t(n) AS (SELECT {0} UNION ALL SELECT n + 1 FROM t WHERE n < {0} + 99999) SELECT n FROM t"
    sums: dict[int, int] = {}

    def read(first: int) -> None:
        for _ in range(3):
            numbers = database.arrow(some.format(first)).read_all().column("n").to_pylist()
            sums[first] = sum(numbers) - first * len(numbers)
        connection.close()

    first, dropped = database.arrow(some.format(0)), database.arrow(some.format(7))
    dropped.read_next_batch()
    threads = [threading.Thread(target=read, args=[number * 1_000_000]) for number in range(1, 7)]
    for thread in threads:
        thread.start()
    del dropped
    for thread in threads:
        thread.join()
    assert sum(first.read_all().column("n").to_pylist()) == sum(range(100_000))
    assert sums == {number * 1_000_000: sum(range(100_000)) for number in range(1, 7)}


def test_the_driver_with_a_sqlite_of_its_own_stays_out_of_this_process(installed: Installation) -> None:
    """Two SQLite libraries in one process do not see each other's locks (docs/decisions/0032)."""
    code = """
import sys
from tuopin.platform import database
database.arrow("SELECT 1 AS n").read_all()
print([name for name in sys.modules if name.startswith("adbc_driver_sqlite")])
"""
    installed.run("audit", "head")
    done = installed.start(code=code)
    out, err = done.communicate(timeout=600)
    assert (done.returncode, out.strip()) == (0, "[]"), err
