"""Imports on the web: twice, together, half-way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from county import household, households, person, take
from people import account, signed_in
from rooms.register.importing.steps import COUNTY, hand_in, press, upload, work
from tuopin.platform import jobs, worker
from tuopin.platform.models import Job, User
from tuopin.register.models import (
    Household,
    Import,
)

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("maps_of_its_own")]


def test_a_double_click_begins_one_import(client: Client, county: Path) -> None:
    number = hand_in(client, upload(households(county, household("9901"))))
    press(client, number, "preview")
    for _ in range(3):
        client.post(f"/register/imports/sets/{number}/", {"then": "import"})
    assert Job.objects.filter(kind="register.run_import").count() == 1
    work()
    assert Import.objects.filter(prepared=number).count() == 1
    assert client.post(f"/register/imports/sets/{number}/", {"then": "import"}).status_code == 302
    assert Job.objects.filter(kind="register.run_import").count() == 1


def test_what_changed_since_the_preview_is_previewed_again(client: Client, county: Path) -> None:
    number = hand_in(client, upload(households(county, household("9901"))))
    press(client, number, "preview")
    take(households(county, household("9905", person("990501")), name="andere.csv"))
    page = client.post(f"/register/imports/sets/{number}/", {"then": "import"}, follow=True).content.decode()
    assert "重新预览" in page
    assert not Import.objects.filter(prepared=number).exists()


def test_two_clerks_at_once(client: Client, user: User, county: Path) -> None:
    other = signed_in(account("other", "county", COUNTY))
    mine = hand_in(client, upload(households(county, household("9901"))))
    theirs = hand_in(other, upload(households(county, household("9902", person("990201")), name="b.csv")))
    for who, number in ((client, mine), (other, theirs)):
        press(who, number, "preview")
    for who, number in ((client, mine), (other, theirs)):
        who.post(f"/register/imports/sets/{number}/", {"then": "import"})
    work()
    assert Household.objects.count() == 2
    assert other.get(f"/register/imports/sets/{mine}/").status_code == 404
    assert other.post(f"/register/imports/sets/{mine}/files/", {}).status_code == 404
    assert other.get(f"/register/imports/sets/{mine}/progress/").status_code == 404


def test_a_worker_killed_half_way_leaves_nothing_and_the_next_does_it(
    client: Client, county: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tuopin.register.importing import services

    number = hand_in(client, upload(households(county, household("9901"))))
    press(client, number, "preview")
    client.post(f"/register/imports/sets/{number}/", {"then": "import"})
    row = jobs.claim("dead-worker")
    assert row is not None

    class Killed(BaseException):
        """As a kill: nothing catches it."""

    def killed(*_given: Any) -> None:
        raise Killed

    monkeypatch.setattr(services.audit, "record", killed)  # the last step of the transaction
    with pytest.raises(Killed):
        worker.attempt(row)
    monkeypatch.undo()
    assert not Household.objects.exists()
    assert not Import.objects.filter(prepared=number).exists()
    jobs.reap()
    work()
    assert Household.objects.count() == 1
    assert Import.objects.filter(prepared=number).count() == 1


def test_an_attempt_after_the_import_was_written_finds_it(client: Client, county: Path) -> None:
    number = hand_in(client, upload(households(county, household("9901"))))
    press(client, number, "preview")
    press(client, number, "import")
    record = Import.objects.get(prepared=number)
    Job.objects.filter(kind="register.run_import").update(state=Job.State.QUEUED)  # killed before it could say so
    work()
    job = Job.objects.get(kind="register.run_import")
    assert (job.state, job.result["href"]) == (Job.State.DONE, f"/register/imports/{record.pk}/")
