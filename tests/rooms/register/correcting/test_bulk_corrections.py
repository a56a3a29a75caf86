"""A list corrected in bulk: looked at first, drafts of one's own, twenty thousand rows."""

from __future__ import annotations

import threading
from datetime import date
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from county import household, person, take, write
from rooms.register.correcting.steps import DAY, FORM, WEST, the, user
from tuopin.platform.access import local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.models import User
from tuopin.platform.worker import work
from tuopin.register.correcting.services import Change, Why, correct
from tuopin.register.models import (
    AreaVersion,
    CorrectedValue,
    Draft,
    DraftLine,
    HouseholdIncome,
    HouseholdLiving,
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_list_is_corrected_in_bulk(clerk: Client) -> None:
    address = "/register/corrections/bulk/households/"
    assert "符合条件 2" in clerk.get(address).content.decode()
    given = FORM | {"field": "water_safe", "value": "否", "scope": "all"}
    answer = clerk.post(address, given)
    with CaptureQueriesContext(connection) as queries:
        preview = clerk.get(answer["Location"]).content.decode()
    assert len(queries) <= 20
    assert "<strong>2</strong>" in preview
    draft = Draft.objects.get()
    clerk.post(f"/register/corrections/drafts/{draft.pk}/", {"do": "apply"})
    assert set(HouseholdLiving.objects.filter(superseded_at=None, household__in=[the(), the("9902")]).values_list(
        "water_safe", flat=True)) == {False}  # fmt: skip
    west = HouseholdLiving.objects.get(superseded_at=None, household=the("9903"))
    assert west.water_safe is True
    for bad in (
        {"field": "resident_insurance"},
        {"field": "none"},
        {"value": ""},
        {"value": "也许"},
        {"scope": ""},
        {"scope": "ticked"},
        {"scope": "ticked", "i": str(the("9903"))},
        {"scope": "codes", "codes": "9903"},
        {"as_of": "2199-01-01"},
    ):
        assert clerk.post(address, given | bad).status_code in {302, 400}, bad
        assert not DraftLine.objects.filter(subject=the("9903")).exists()
    assert clerk.get(address + "?nonsense=1").status_code == 400


def test_drafts_are_their_owners_alone(clerk: Client) -> None:
    clerk.post("/register/corrections/bulk/households/", FORM | {"field": "wage", "value": "1", "scope": "all"})
    draft = Draft.objects.get()
    other = Client()
    other.force_login(user("other"))
    for what in ("apply", "drop", "decide"):
        assert other.post(f"/register/corrections/drafts/{draft.pk}/", {"do": what}).status_code == 404
    assert other.get(f"/register/corrections/drafts/{draft.pk}/").status_code == 404
    assert clerk.post(f"/register/corrections/drafts/{draft.pk}/", {"do": "drop"}).status_code == 302
    assert not DraftLine.objects.exists()


def test_a_draft_ends_with_a_grant_that_it_was_prepared_with(clerk: Client) -> None:
    """It quotes names and values; what remains of the grants may open none of them."""
    clerk.post("/register/corrections/bulk/households/", FORM | {"field": "wage", "value": "1", "scope": "all"})
    address = f"/register/corrections/drafts/{Draft.objects.get().pk}/"
    owner = User.objects.get(username="clerk")
    former = [each.pk for each in owner.grants.all()]
    accounts.grant(local_admin(), owner, "township", "area", AreaVersion.objects.get(code=WEST).area_id)
    clerk.force_login(owner)  # a change of grants has ended the session
    assert clerk.get(address).status_code == 200, "a further grant takes nothing away"
    owner.grants.filter(pk__in=former).update(valid_from=date(2018, 1, 1), valid_to=DAY)
    assert clerk.get(address).status_code == 404
    assert clerk.post(address, {"do": "apply"}).status_code == 404


def test_what_changed_after_the_preview_is_decided_not_overwritten(clerk: Client) -> None:
    clerk.post("/register/corrections/bulk/households/", FORM | {"field": "wage", "value": "1", "scope": "all"})
    draft = Draft.objects.get()
    correct(local_admin(), [Change("household", the(), "wage", 1_300_000)], Why(DAY))
    address = f"/register/corrections/drafts/{draft.pk}/"
    answer = clerk.post(address, {"do": "apply"})
    assert answer.status_code == 409
    assert "13,000.00" in answer.content.decode()
    assert HouseholdIncome.objects.filter(superseded_at=None, wage=100).count() == 0
    assert clerk.post(address, {"do": "apply"}).status_code == 400
    line = DraftLine.objects.get(fate="conflict")
    assert clerk.post(address, {"do": "look", "d-²": "mine"}).status_code == 302, "no number of a line"
    assert clerk.post(address, {"do": "apply", f"d-{line.number}": "theirs"}).status_code == 302
    assert HouseholdIncome.objects.get(household=the(), superseded_at=None).wage == 1_300_000
    assert HouseholdIncome.objects.get(household=the("9902"), superseded_at=None).wage == 100


def test_twenty_thousand_rows_go_by_a_job(county: None, tmp_path: Path) -> None:
    rows = [
        row
        for at in range(20_000)
        for row in household(f"80{at:06d}", person(f"81{at:06d}", 证件号码=""), 户主姓名="赵")
    ]
    take(write(tmp_path / "many" / "户人信息.csv", rows, titles=["导出时间：2018-12-01"]))
    client = Client()
    client.force_login(user("clerk"))
    address = "/register/corrections/bulk/households/"
    given = FORM | {"field": "house_area", "value": "80", "scope": "all"}
    assert client.post(address, given).status_code == 400, "two more than the limit"
    answer = client.post(address + "?code=80", given)
    assert answer.status_code == 302
    draft = Draft.objects.get()
    assert draft.lines.count() == 20_000
    assert client.get(answer["Location"]).status_code == 200
    job = client.post(answer["Location"], {"do": "apply"})
    assert job["Location"].startswith("/jobs/")
    work(threading.Event(), until_empty=True)
    draft.refresh_from_db()
    assert draft.state == "applied"
    assert HouseholdLiving.objects.filter(superseded_at=None, house_area=8000).count() == 20_000
    assert CorrectedValue.objects.filter(state="open").count() == 20_000
    assert client.get("/register/corrections/").status_code == 200
