"""Pages of data issues: counts, many corrected at once, waivers."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from rooms.register.correcting.steps import FORM, the
from tuopin.platform.models import AuditEntry
from tuopin.register.models import (
    DataIssue,
    Draft,
    HouseholdIncome,
    IssueWaiver,
)

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db(transaction=True)


def test_counts_equal_the_lists_behind_them_and_stay_inside_the_grants(clerk: Client) -> None:
    html = clerk.get("/register/issues/").content.decode()
    rows = re.findall(r'href="(/register/issues/list/[^"]+waived=0)">([\d,]+)</a>', html)
    assert rows
    for address, count in rows:
        listed = clerk.get(address.replace("&amp;", "&")).content.decode()
        assert f"<strong>{count}</strong>" in listed, address
    assert "id_length" not in html, "of the other township"
    assert "金额" not in html


def test_issues_are_corrected_many_at_once_with_a_preview(clerk: Client) -> None:
    issue = DataIssue.objects.get(code="bad_number", closed_at=None)
    address = "/register/issues/bad_number/correct/"
    page = clerk.get(address).content.decode()
    assert f'name="v-{issue.pk}"' in page
    assert clerk.post(address, FORM | {"shown": str(issue.pk)}).status_code == 400
    for given in (
        {f"v-{issue.pk}": "10000"},
        {"i": str(issue.pk), "one": "10000"},
        {"column": "10000\r\n"},
        {"scope": "all", "one": "10000"},
    ):
        answer = clerk.post(address, FORM | {"shown": str(issue.pk)} | given)
        assert answer.status_code == 302, given
        draft = Draft.objects.order_by("-pk")[0]
        preview = clerk.get(answer["Location"]).content.decode()
        assert "10,000.00" in preview
        assert "影响判定" in preview
    done = clerk.post(f"/register/corrections/drafts/{draft.pk}/", {"do": "apply"})
    assert done.status_code == 302
    assert HouseholdIncome.objects.get(household=the("9902"), superseded_at=None).wage == 1_000_000
    issue.refresh_from_db()
    assert issue.closed_at is not None
    assert clerk.post(f"/register/corrections/drafts/{draft.pk}/", {"do": "apply"}).status_code == 400


def test_a_waiver_is_kept_listed_audited_and_ends_by_itself(clerk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    issue = DataIssue.objects.get(code="bad_number", closed_at=None)
    address = "/register/issues/bad_number/correct/"
    until = timezone.localdate() + timedelta(days=30)
    given = {"do": "waive", "i": str(issue.pk), "waiver_reason": "已核对原表", "until": until.isoformat()}
    assert clerk.post(address, given | {"until": "2001-01-01"}).status_code == 400
    assert clerk.post(address, given | {"waiver_reason": ""}).status_code == 400
    theirs = DataIssue.objects.get(code="id_length", closed_at=None)
    assert clerk.post(address, given | {"i": str(theirs.pk)}).status_code == 404
    assert clerk.post(address, given).status_code == 302
    assert IssueWaiver.objects.get().reason == "已核对原表"
    assert AuditEntry.objects.filter(action="register.waive_issues").count() == 1
    listed = "/register/issues/list/?code=bad_number&waived="
    assert "<strong>1</strong>" in clerk.get(listed + "1").content.decode()
    monkeypatch.setattr(timezone, "localdate", lambda *_a: until + timedelta(days=1))
    assert "<strong>1</strong>" in clerk.get(listed + "0").content.decode()
    monkeypatch.undo()
    assert clerk.post(address, {"do": "unwaive", "i": str(issue.pk)}).status_code == 302
    assert "<strong>1</strong>" in clerk.get(listed + "0").content.decode()
