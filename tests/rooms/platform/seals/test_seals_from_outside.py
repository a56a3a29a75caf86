"""Seals by commands, by pages and by programs; a process that is killed while it seals."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from tuopin.platform import worker
from tuopin.platform.access import actor_for, grants_of, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.api import tokens
from tuopin.platform.jobs import claim
from tuopin.platform.models import Job, Seal, User
from tuopin.platform.seals import services

if TYPE_CHECKING:
    from pathlib import Path

    from installation import Installation
    from tuopin.register.demo import CitySummary

PAGES = pytest.mark.django_db(transaction=True)


def account(name: str, role: str) -> User:
    made, _password = accounts.add_user(local_admin(), name, "a-long-password-1", must_change=False)
    accounts.grant_by_code(local_admin(), made, role, "all", "")
    return made


def client_of(user: User) -> Client:
    client = Client(headers={"host": "localhost"}, raise_request_exception=False)
    client.force_login(user)
    return client


def done() -> Job:
    """Do every job that waits (the import left some); the newest."""
    while (row := claim("test")) is not None:
        worker.attempt(row)
    return Job.objects.order_by("-pk")[0]


# -- commands and processes ---------------------------------------------------------------------------------------

CUT_OFF = """
import os, signal
from tuopin.core.snapshot import Writer
from tuopin.platform.access import local_admin
from tuopin.platform.seals import services

def end(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def meanwhile(done, total, what):
    if done == 5:
        end()

publish = Writer.publish
def cut(self):
    publish(self)
    end()
"""


def test_seals_at_the_command_line(installed: Installation) -> None:
    sealed, again, listed, checked, unknown, words = installed.commands(
        ["seal", "--json"], ["seal", "--json"], ["seals", "--json"], ["verify-seal", "2", "--json"],
        ["verify-seal", "9"], ["seals"],
    )  # fmt: skip
    assert (sealed.document["number"], again.document["number"]) == (1, 2)
    assert [each["number"] for each in listed.document["seals"]] == [2, 1]
    assert checked.document["sound"] is True
    assert unknown.status == 2
    assert "There is no seal 9" in unknown.err
    assert again.document["digest"] in words.out
    path = installed.home / "seals" / "1" / "facts" / "-" / "register_area_version.parquet"
    path.write_bytes(path.read_bytes() + b"x")
    (found,) = installed.commands(["verify-seal", "1", "--json"])
    assert found.status == 3
    assert [each["code"] for each in json.loads(found.out)["faults"]] == ["changed"]


def test_a_process_killed_in_the_middle_leaves_no_seal(installed: Installation) -> None:
    process = installed.start(code=CUT_OFF + "services.seal(local_admin(), meanwhile)")
    process.communicate(timeout=600)
    assert process.returncode == -9
    left = [path.name for path in (installed.home / "seals").iterdir()]
    assert left == [".writing-1"]
    sealed, checked = installed.commands(["seal", "--json"], ["verify-seal", "1", "--json"])
    assert sealed.document["number"] == 1
    assert checked.document["sound"] is True
    assert [path.name for path in (installed.home / "seals").iterdir()] == ["1"]


def test_a_process_killed_after_the_rename_leaves_a_whole_seal(installed: Installation) -> None:
    process = installed.start(code=CUT_OFF + "Writer.publish = cut\nservices.seal(local_admin())")
    process.communicate(timeout=600)
    assert process.returncode == -9
    assert [path.name for path in (installed.home / "seals").iterdir()] == ["1"]
    sealed, listed, one, two = installed.commands(
        ["seal", "--json"], ["seals", "--json"], ["verify-seal", "1", "--json"], ["verify-seal", "2", "--json"]
    )
    assert sealed.document["number"] == 2
    assert [each["number"] for each in listed.document["seals"]] == [2, 1]
    assert one.document["sound"]
    assert two.document["sound"]


# -- pages --------------------------------------------------------------------------------------------------------


@PAGES
def test_sealing_and_checking_on_the_web(city: CitySummary) -> None:
    leader = client_of(account("leader", "headquarters"))
    page = leader.get("/seals/").content.decode()
    assert "现在封存" in page
    assert "还没有封存" in page
    begun = leader.post("/seals/make/")
    assert begun.status_code == 302
    assert leader.post("/seals/make/").url == begun.url, "pressed twice, done once"
    job = done()
    assert job.state == "done", job.error
    assert job.result["href"] == "/seals/1/"
    assert 'href="/seals/1/"' in leader.get(begun.url).content.decode()
    page = leader.get("/seals/1/").content.decode()
    row = Seal.objects.get()
    for text in (row.digest, "未核对", "register_household_income", "national", "明川县", "在，已加密", "与本程序相同"):
        assert text in page, text
    leader.post("/seals/1/verify/")
    assert done().result["sound"] is True
    page = leader.get("/seals/1/").content.decode()
    assert "完好" in page
    assert "✓" in page


@PAGES
def test_a_faulty_seal_says_which_file(city: CitySummary, root: Path) -> None:
    services.seal(local_admin())
    path = root / "1" / "facts" / "-" / "register_area_version.parquet"
    path.write_bytes(b"x")
    auditor = client_of(account("auditor", "auditor"))
    auditor.post("/seals/1/verify/")
    job = done()
    assert job.state == "done"
    assert job.result["sound"] is False
    page = auditor.get("/seals/1/").content.decode()
    assert "不完好" in page
    assert "facts/-/register_area_version.parquet" in page
    (root / "1" / "manifest.json").unlink()
    answer = auditor.get("/seals/1/")
    assert answer.status_code == 200
    assert "没有清单" in answer.content.decode()
    answer = auditor.get("/seals/1/", headers={"accept-language": "en"})
    assert answer.status_code == 200


@PAGES
def test_who_sees_and_does_what(city: CitySummary) -> None:
    services.seal(local_admin())
    auditor = client_of(account("auditor", "auditor"))
    assert "现在封存" not in auditor.get("/seals/").content.decode()
    assert auditor.post("/seals/make/").status_code == 403
    clerk = client_of(account("clerk", "county"))
    for path in ("/seals/", "/seals/1/"):
        assert clerk.get(path).status_code == 403
    assert clerk.post("/seals/1/verify/").status_code == 403
    assert 'href="/seals/"' not in clerk.get("/jobs/").content.decode()
    assert 'href="/seals/"' in auditor.get("/jobs/").content.decode()
    for path in ("/seals/2/", "/seals/0/", f"/seals/{10**25}/", "/seals/x/"):
        assert auditor.get(path).status_code == 404, path
    assert auditor.get("/seals/?state=nonsense&sort=x&after=zz").status_code in {200, 400}
    assert auditor.get("/seals/make/").status_code == 405
    assert not Job.objects.filter(kind__in=("platform.seal", "platform.verify_seal")).exists()


@PAGES
def test_pages_take_few_queries_however_many_seals(city: CitySummary, django_assert_max_num_queries: Any) -> None:
    for _ in range(3):
        services.seal(local_admin())
    auditor = client_of(account("auditor", "auditor"))
    for path in ("/seals/", "/seals/3/"):
        auditor.get(path)
        with django_assert_max_num_queries(20):
            assert auditor.get(path).status_code == 200


# -- programs -----------------------------------------------------------------------------------------------------


@PAGES
def test_seals_through_the_api(city: CitySummary) -> None:
    leader = account("leader", "headquarters")
    actor = actor_for(leader)
    grants = [each.pk for each in grants_of(actor)]
    wanted = ["platform.seal", "platform.view_seals", "platform.verify_seal"]
    secret = tokens.make_token(actor, "seals", grants=grants, permissions=wanted, days=3)[1]
    bearer = {"Authorization": f"Bearer {secret}"}
    client = Client(headers={"host": "localhost"}, raise_request_exception=False)
    begun = client.post("/api/seals", "{}", "application/json", headers=bearer)
    assert begun.status_code == 202, begun.content
    job = done()
    assert job.state == "done", job.error
    services.seal(local_admin())
    listed = client.get("/api/seals?size=1", headers=bearer).json()
    assert [each["number"] for each in listed["items"]] == [2]
    assert [
        each["number"] for each in client.get(f"/api/seals?after={listed['next']}", headers=bearer).json()["items"]
    ] == [1]
    one = client.get("/api/seals/1", headers=bearer).json()
    assert one["manifest"]["number"] == 1
    assert one["state"] == "sealed"
    assert client.post("/api/seals/1/verify", "{}", "application/json", headers=bearer).status_code == 202
    assert done().result["sound"] is True
    assert client.get("/api/seals/1", headers=bearer).json()["state"] == "sound"
    for path in ("seals/9", "seals/0", "seals/x", "seals?size=0", "seals?after=x"):
        assert client.get(f"/api/{path}", headers=bearer).status_code in {400, 404, 422}, path
    assert client.get("/api/seals").status_code == 401


@PAGES
def test_the_folder_of_seals_is_private(city: CitySummary, root: Path) -> None:
    services.seal(local_admin())
    for path in (root / "1").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
