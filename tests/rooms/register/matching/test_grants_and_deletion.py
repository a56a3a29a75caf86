"""Department lists: who sees what of them, and that the list goes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from rooms.register.matching.steps import condition, hand_in, number, people, rows, user
from tuopin.platform.access import local_admin, system
from tuopin.platform.models import AuditEntry
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.matching import selectors, services, store, writing
from tuopin.register.matching.kinds import list_kinds
from tuopin.register.models import (
    MatchPair,
    MatchRun,
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_department_hands_in_and_sees_no_person(tmp_path: Path) -> None:
    people(tmp_path)
    who = user("insurance", "department", "990101000000")
    path = rows(tmp_path, {"身份证号": number("990101")}, {"身份证号": number("990301")})
    run = hand_in(path, actor=who, area="990101000000")
    assert selectors.runs(who).get() == run
    assert selectors.reach(who, run) == []
    assert not selectors.covers(who, run)
    with pytest.raises(Refused):
        writing.write(who, run.pk)
    other = user("other", "department", "990101000000")
    assert not selectors.runs(other).exists()
    with pytest.raises(Missing):
        selectors.run(other, run.pk)
    with pytest.raises(Missing):
        hand_in(path, actor=who, area="990100000000", again=True)


def test_matches_outside_the_grants_are_neither_shown_counted_nor_written(tmp_path: Path) -> None:
    people(tmp_path)
    path = rows(
        tmp_path,
        {"身份证号": number("990101"), "姓名": "张三丰", "出生日期": "", "地址": ""},
        {"身份证号": number("990301"), "姓名": "赵六", "出生日期": "", "地址": ""},
        {"身份证号": "", "姓名": "李四", "出生日期": "1965-05-06", "地址": "东乡乙村"},
    )
    run = hand_in(path)
    clerk = user("west", "township", "990101101000", ("health",))
    assert selectors.runs(clerk).get() == run
    assert store.tally(run.pk, selectors.reach(clerk, run)).matched == 1
    assert not selectors.covers(clerk, run)
    assert not selectors.pairs(clerk, run).exists()
    with pytest.raises(Missing):
        services.decide(clerk, MatchPair.objects.get(run=run).pk, "yes")
    assert writing.write(clerk, run.pk).facts == 1
    assert condition("990301").resident_insurance is True
    blind = user("blind", "township", "990101101000")
    assert selectors.reach(blind, run) == []  # health data are not open to this account


def test_another_township_does_not_know_of_the_list(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(rows(tmp_path, {"身份证号": number("990301")}), area="990101101000")
    east = user("east", "township", "990101100000", ("health",))
    assert not selectors.runs(east).exists()
    with pytest.raises(Missing):
        writing.write(east, run.pk)


def test_closing_deletes_file_rows_and_cells_and_keeps_counts(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(
        rows(
            tmp_path,
            {"身份证号": number("990101"), "姓名": "张三丰", "出生日期": "", "地址": ""},
            {"身份证号": "", "姓名": "李四", "出生日期": "1965-05-06", "地址": "东乡乙村"},
        )
    )
    folder = store.folder(run.pk)
    assert store.handed_in(run.pk).is_file()
    before = run.counts
    services.close(local_admin(), run.pk)
    assert not folder.exists()
    run.refresh_from_db()
    assert (run.state, run.counts, bool(run.digest)) == ("closed", before, True)
    assert MatchPair.objects.get(run=run).cells == {}
    for again in (services.close, writing.write):
        with pytest.raises(Problem, match="list_deleted"):
            again(local_admin(), run.pk)


def test_lists_are_deleted_when_their_days_are_over(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(rows(tmp_path, {"身份证号": number("990101")}))
    assert run.delete_on == timezone.localdate() + timedelta(days=list_kinds()["resident_insurance"].retention_days)
    assert services.purge(system(), run.delete_on - timedelta(days=1)) == 0
    assert store.handed_in(run.pk).is_file()
    left_behind = store.folder(987_654)
    assert services.purge(system(), run.delete_on) == 1
    assert not (store.present() & {run.pk, 987_654})
    assert not left_behind.exists()
    run.refresh_from_db()
    assert run.deleted_at is not None
    entry = AuditEntry.objects.filter(action="register.match_lists").order_by("-pk")[0]
    assert '"deleted":"expired"' in entry.detail
    assert services.purge(system(), run.delete_on) == 0


def test_the_worker_deletes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tuopin.register import tending

    people(tmp_path)
    run = hand_in(rows(tmp_path, {"身份证号": number("990101")}))
    MatchRun.objects.filter(pk=run.pk).update(delete_on=timezone.localdate())
    monkeypatch.setattr(tending, "_last", [0.0])
    tending.tend()
    assert run.pk not in store.present()


def test_nothing_personal_in_the_audit(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(rows(tmp_path, {"身份证号": number("990301"), "姓名": "赵六"}))
    writing.write(local_admin(), run.pk)
    services.close(local_admin(), run.pk)
    said = "".join(AuditEntry.objects.values_list("detail", flat=True))
    assert number("990301") not in said
    assert "赵六" not in said


def test_the_same_list_may_be_matched_by_a_second_attempt(tmp_path: Path) -> None:
    """A job that died is done again from the beginning."""
    people(tmp_path)
    run = hand_in(rows(tmp_path, {"身份证号": "", "姓名": "李四", "出生日期": "1965-05-06", "地址": "东乡乙村"}))
    services.match(local_admin(), run.pk)
    assert MatchPair.objects.filter(run=run).count() == 1
