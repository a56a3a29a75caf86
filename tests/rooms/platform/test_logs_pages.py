"""The pages of the two logs: what an auditor finds there, what one of a county finds, and that reading is noted."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone

from tuopin.platform import jobs, worker
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.auditing import readlog
from tuopin.platform.auditing.audit import chain_pending
from tuopin.platform.models import Job, ReadEntry, User
from tuopin.register.models import Area, AreaVersion, Household, Residence

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db

PASSWORD = "korrekt-pferd-batterie"


def area(level: str, code: str, parent: AreaVersion | None = None) -> AreaVersion:
    made = Area.objects.create()
    return AreaVersion.objects.create(
        area=made, code=code, name=code, level=level, parent=parent.area if parent else None,
        path=(parent.path if parent else "") + f"{made.pk:08d}", valid_from=datetime.date(1900, 1, 1),
    )  # fmt: skip


def household(code: str, village: AreaVersion) -> Household:
    made = Household.objects.create(code=code)
    Residence.objects.create(household=made, area=village.area, valid_from=datetime.date(2014, 1, 1))
    return made


def account(name: str, role: str, place: AreaVersion | None = None) -> User:
    made = accounts.add_user(local_admin(), name, PASSWORD, must_change=False)[0]
    accounts.grant(local_admin(), made, role, "area" if place else "all", place.area_id if place else None)
    return made


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


class Scene:
    """Two counties, a household and a clerk in each, one clerk of both, and what they read."""

    def __init__(self) -> None:
        city = area("city", "411400000000")
        self.county, self.other = area("county", "411423000000", city), area("county", "411424000000", city)
        self.ours = household("4114230001", area("village", "411423100201", self.county))
        self.theirs = household("4114240001", area("village", "411424100201", self.other))
        self.clerk = account("clerk", "county", self.county)
        self.stranger = account("stranger", "county", self.other)
        self.leader = account("leader", "headquarters")
        readlog.read(actor_for(self.clerk), f"household:{self.ours.pk}", {}, 1)
        readlog.read(actor_for(self.clerk), "register.households", {"cause": "illness"}, 50)
        readlog.read(
            actor_for(self.clerk), "register.export:household_person", {"area": "411423000000"}, 900, "ab" * 32
        )
        readlog.read(actor_for(self.stranger), f"household:{self.theirs.pk}", {}, 1)
        readlog.read(actor_for(self.leader), f"household:{self.ours.pk}", {}, 1)
        readlog.drain()


@pytest.fixture
def scene() -> Iterator[Scene]:
    readlog.drain()
    yield Scene()
    readlog.drain()


def test_an_auditor_finds_who_opened_a_household(scene: Scene) -> None:
    page = client_of(account("auditor", "auditor"))
    text = page.get("/read-log/?household=4114230001").content.decode()
    assert "户 4114230001" in text
    assert "clerk" in text
    assert "leader" in text
    assert "stranger" not in text
    for query, shown, hidden in (
        (f"?reader={scene.clerk.pk}", "clerk", "stranger"),
        ("?kind=export", "clerk", "stranger"),
        ("?kind=opened", "stranger", "illness"),
        ("?kind=list", "illness", "leader"),
        (f"?at_from={timezone.localdate()}", "leader", "never-there"),
    ):
        text = page.get("/read-log/" + query).content.decode()
        table = text[text.index("<tbody>") :]
        assert shown in table, query
        assert hidden not in table, query
    assert "<tbody>" not in page.get("/read-log/?at_to=2001-01-01").content.decode()
    assert "<tbody>" not in page.get("/read-log/?household=0000").content.decode()


def test_reading_the_log_is_noted(scene: Scene) -> None:
    auditor = account("auditor", "auditor")
    page = client_of(auditor)
    page.get("/read-log/?household=4114230001")
    page.get("/audit/")
    readlog.drain()
    noted = list(ReadEntry.objects.filter(user_id=auditor.pk).order_by("pk").values_list("what", "filter"))
    assert noted[0][0] == "platform.reads"
    assert "4114230001" in noted[0][1]
    assert noted[1][0] == "platform.audit"
    assert "查阅记录" in page.get("/read-log/?kind=log").content.decode()


def test_the_auditor_of_a_county_sees_that_countys_readers(scene: Scene) -> None:
    page = client_of(account("here", "auditor", scene.county))
    text = page.get("/read-log/").content.decode()
    table = text[text.index("<tbody>") :]
    assert "clerk" in table
    assert "stranger" not in table
    assert "leader" not in table, "who also reads elsewhere is not of this county"
    ours = page.get("/read-log/?household=4114230001").content.decode()
    assert "leader" in ours, "but of a household of the county every reading"
    theirs = page.get("/read-log/?household=4114240001").content.decode()
    nothing = page.get("/read-log/?household=9999").content.decode()
    for each in (theirs, nothing):
        assert "<tbody>" not in each
    assert "<tbody>" not in page.get(f"/read-log/?reader={scene.stranger.pk}").content.decode()
    found = page.post("/read-log/", {"who": "stran"}).content.decode()
    assert f"reader={scene.stranger.pk}" not in found
    assert page.post("/read-log/", {"who": "clerk"})["Location"] == f"/read-log/?reader={scene.clerk.pk}"


def test_the_auditor_of_a_county_sees_what_its_accounts_did(scene: Scene) -> None:
    keeper = account("keeper", "administrator", scene.county)
    far = account("far", "administrator", scene.other)
    accounts.set_password(actor_for(keeper), scene.clerk)
    accounts.set_password(actor_for(far), scene.stranger)
    text = client_of(account("here", "auditor", scene.county)).get("/audit/").content.decode()
    table = text[text.index("<tbody>") :]
    assert "keeper" in table
    assert "far" not in table
    everywhere = client_of(account("auditor", "auditor")).get("/audit/").content.decode()
    assert "本机管理员" in everywhere
    assert "far" in everywhere


@pytest.mark.parametrize(
    "query", ["?subject=user:1", "?action=platform.grant", "?actor=1", "?at_from=2018-12-01", "?actor=x"]
)
def test_the_audit_log_is_narrowed(scene: Scene, query: str) -> None:
    assert client_of(account("auditor", "auditor")).get("/audit/" + query).status_code == 200


@pytest.mark.parametrize(
    "query", ["?at_from=gestern", "?kind=x", "?household=" + "9" * 400, "?household=%00", "?after=x", "?sort=x"]
)
def test_bad_addresses_are_refused(scene: Scene, query: str) -> None:
    assert client_of(account("auditor", "auditor")).get("/read-log/" + query).status_code in {400, 404}


def test_the_chain_is_checked_from_the_page(scene: Scene) -> None:
    page = client_of(account("auditor", "auditor"))
    chain_pending()
    page.post("/audit/verify/")
    row = jobs.claim("test")
    assert row is not None
    worker.attempt(row)
    assert Job.objects.get().state == Job.State.DONE
    assert "完好" in page.get("/audit/").content.decode()
    assert client_of(scene.clerk).post("/audit/verify/").status_code == 403


def test_logs_are_for_auditors_only(scene: Scene) -> None:
    for user in (scene.clerk, scene.leader, account("village", "village", scene.county)):
        page = client_of(user)
        assert page.get("/read-log/").status_code == 403
        assert page.post("/read-log/", {"who": "clerk"}).status_code == 403
        assert page.get("/audit/").status_code == 403
    keeper = client_of(account("keeper", "administrator"))
    assert keeper.get("/read-log/").status_code == 403, "an administrator sees no households"
    assert keeper.get("/audit/").status_code == 200


def test_many_entries_cost_no_more(scene: Scene, django_assert_max_num_queries: Any) -> None:
    for at in range(60):
        readlog.read(actor_for(scene.clerk), f"household:{scene.ours.pk}", {"n": at}, 1)
    readlog.drain()
    page = client_of(account("here", "auditor", scene.county))
    page.get("/read-log/")
    with django_assert_max_num_queries(16):
        assert page.get("/read-log/").status_code == 200
    with django_assert_max_num_queries(18):
        assert page.get("/audit/").status_code == 200
