"""The audit chain: what is chained, and how each kind of tampering shows."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, connection, transaction

from tuopin.platform.access import local_admin
from tuopin.platform.auditing import audit, signing
from tuopin.platform.database import write
from tuopin.platform.migrations import _append_only
from tuopin.platform.models import AuditEntry, AuditHead, AuditLink, AuditPending
from tuopin.platform.models.append_only import AppendOnlyError
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db


def enter(count: int, action: str = "register.import_workbooks") -> None:
    with write():
        for number in range(count):
            audit.record(local_admin(), action, f"import:{number}", {"rows": number, "名": "甲"}, "ab" * 32)


@pytest.fixture
def tampering() -> Iterator[None]:
    """An attacker who owns the database takes the triggers away first."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA defer_foreign_keys = ON")
    _append_only.drop(connection, _append_only.TABLES)
    yield
    _append_only.create(connection, _append_only.TABLES)


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_an_empty_log_is_sound() -> None:
    report = audit.verify()
    assert (report.status, report.chained, report.pending) == ("ok", 0, 0)
    assert report.head == f"0:{audit.GENESIS}"


def test_entries_wait_and_are_then_chained_without_gaps() -> None:
    enter(3)
    assert audit.verify().pending == 3
    assert audit.verify().sound, "an unchained tail is no fault"
    assert audit.chain_pending() == 3
    assert audit.chain_pending() == 0
    enter(2)
    audit.chain_pending()
    assert list(AuditLink.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3, 4, 5]
    report = audit.verify()
    assert (report.status, report.chained, report.pending, report.orphans) == ("ok", 5, 0, 0)


def test_more_than_one_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "_BATCH", 2)
    enter(5)
    assert audit.chain_pending() == 5
    assert audit.verify().chained == 5


def test_an_entry_needs_the_transaction_of_its_act(transactional_db: None) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        audit.record(local_admin(), "a.b", "c", {})


def test_a_rolled_back_act_leaves_no_entry() -> None:
    def act() -> None:
        with write():
            audit.record(local_admin(), "a.b", "c", {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()
    assert not AuditEntry.objects.exists()
    assert not AuditPending.objects.exists()


def test_the_local_administrator_is_entered_with_the_name_of_the_systems_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pwd.getpwuid", lambda _uid: SimpleNamespace(pw_name="liwei"))
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")  # what anybody can write into the environment is no name
    enter(1)
    entry = AuditEntry.objects.get()
    assert (entry.actor_kind, entry.os_user, entry.user_id) == ("local", "liwei", None)


@pytest.mark.parametrize("table", ["platform_audit_entry", "platform_audit_link", "platform_audit_head"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET {} = {}"])
def test_the_database_refuses_changes(table: str, statement: str) -> None:
    enter(1)
    audit.chain_pending()
    column = "hash" if table != "platform_audit_entry" else "action"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run(statement.format(table, column, column))


def test_the_model_refuses_changes() -> None:
    enter(1)
    entry = AuditEntry.objects.get()
    for change in (entry.save, entry.delete, AuditEntry.objects.all().delete, AuditEntry.objects.update):
        with pytest.raises(AppendOnlyError):
            change()


@pytest.mark.usefixtures("tampering")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE platform_audit_entry SET detail = '{}' WHERE subject = 'import:1'",
        "UPDATE platform_audit_entry SET actor_name = 'somebody else' WHERE subject = 'import:1'",
        "UPDATE platform_audit_entry SET at = '2018-12-01 00:00:00' WHERE subject = 'import:1'",
        "UPDATE platform_audit_entry SET digest = '' WHERE subject = 'import:1'",
        "UPDATE platform_audit_link SET hash = previous WHERE seq = 2",
        "UPDATE platform_audit_link SET seq = 9 WHERE seq = 4",
    ],
)
def test_a_changed_entry_breaks_the_chain(statement: str) -> None:
    enter(4)
    audit.chain_pending()
    run(statement)
    report = audit.verify()
    assert report.status == "broken"
    assert report.at in {2, 4}


@pytest.mark.usefixtures("tampering")
def test_a_link_taken_out_breaks_the_chain() -> None:
    enter(4)
    audit.chain_pending()
    run("DELETE FROM platform_audit_link WHERE seq = 2")
    assert (audit.verify().status, audit.verify().at) == ("broken", 2)


@pytest.mark.usefixtures("tampering")
@pytest.mark.parametrize("with_heads", [False, True])
def test_a_cut_tail_shows_by_the_head_beside_the_key(with_heads: bool) -> None:
    enter(2)
    audit.chain_pending()
    enter(2)
    audit.chain_pending()
    run("DELETE FROM platform_audit_link WHERE seq > 2")
    run("DELETE FROM platform_audit_entry WHERE id NOT IN (SELECT entry_id FROM platform_audit_link)")
    if with_heads:
        run("DELETE FROM platform_audit_head WHERE seq > 2")
    report = audit.verify()
    assert (report.status, report.at, report.chained) == ("cut", 3, 2)


@pytest.mark.usefixtures("tampering")
def test_a_cut_tail_shows_by_an_anchor_alone() -> None:
    enter(3)
    audit.chain_pending()
    seq, hashed = audit.head()
    run("DELETE FROM platform_audit_link WHERE seq > 1")
    run("DELETE FROM platform_audit_entry WHERE id NOT IN (SELECT entry_id FROM platform_audit_link)")
    run("DELETE FROM platform_audit_head")
    (signing.home() / "keys" / signing.HEAD_FILE).unlink()
    assert audit.verify().status == "ok", "who takes the file too leaves only the anchor"
    assert audit.verify(f"{seq}:{hashed}").status == "cut"


@pytest.mark.usefixtures("tampering")
def test_a_rebuilt_chain_shows() -> None:
    enter(3)
    audit.chain_pending()
    seq, hashed = audit.head()
    run("UPDATE platform_audit_entry SET subject = 'import:9' WHERE subject = 'import:2'")
    _rebuild()
    report = audit.verify()
    assert (report.status, report.at) == ("rebuilt", 3)
    run("DELETE FROM platform_audit_head")
    (signing.home() / "keys" / signing.HEAD_FILE).unlink()
    assert audit.verify(f"{seq}:{hashed}").status == "rebuilt"
    assert audit.verify(f"1:{AuditLink.objects.get(seq=1).hash}").anchor == "found"


@pytest.mark.usefixtures("tampering")
def test_a_head_signed_with_another_key_shows() -> None:
    enter(3)
    audit.chain_pending()
    run("UPDATE platform_audit_head SET signature = '00'")
    (signing.home() / "keys" / signing.HEAD_FILE).unlink()
    assert (audit.verify().status, audit.verify().reason) == ("rebuilt", "head not signed by a trusted key")


@pytest.mark.usefixtures("tampering")
def test_an_entry_written_past_the_product_shows() -> None:
    enter(2)
    audit.chain_pending()
    enter(1)
    run("DELETE FROM platform_audit_pending")
    report = audit.verify()
    assert (report.status, report.orphans) == ("broken", 1)


def _rebuild() -> None:
    """What an attacker without the key can do: compute every hash anew."""
    previous = audit.GENESIS
    for link in AuditLink.objects.order_by("seq").select_related("entry"):
        hashed = audit.entry_hash(link.seq, previous, link.entry)
        run(f"UPDATE platform_audit_link SET previous = '{previous}', hash = '{hashed}' WHERE seq = {link.seq}")
        previous = hashed


@pytest.mark.parametrize("anchor", ["", "1", "1:ff", "x:" + "0" * 64, "-1:" + "0" * 64, "1:" + "g" * 64])
def test_a_wrongly_written_anchor_is_a_problem(anchor: str) -> None:
    if anchor:
        with pytest.raises(Problem):
            audit.verify(anchor)
    else:
        assert audit.verify(anchor).sound


def test_a_crash_between_commit_and_keeping_the_head_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    enter(2)
    audit.chain_pending()
    monkeypatch.setattr(signing, "keep_head", lambda _signed: None)
    enter(2)
    audit.chain_pending()
    assert audit.verify().sound
    assert AuditHead.objects.count() == 2


def test_a_lost_private_key_is_replaced_and_old_heads_stay_checkable() -> None:
    enter(2)
    audit.chain_pending()
    (signing.home() / "keys" / signing.KEY_FILE).unlink()
    enter(1)
    audit.chain_pending()
    assert AuditHead.objects.values("key").distinct().count() == 2
    assert audit.verify().sound
