"""Imports and evaluations through the API: what is sent twice happens once, and every refusal is said in words."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from county import areas, household, households, person
from tuopin.platform import jobs, uploads, worker
from tuopin.platform.access import actor_for, grants_of, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.api import limits, tokens
from tuopin.platform.models import Job, Upload, User
from tuopin.register.importing.services import import_paths
from tuopin.register.models import Household, Import, ImportSet
from tuopin.standards import evaluating
from tuopin.standards.models import Evaluation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)

COUNTY, EAST, WEST = "990101000000", "990101100000", "990101101000"


@pytest.fixture(autouse=True)
def _unlimited(tmp_path: Path) -> Iterator[None]:
    limits.RATE.forget()
    (tmp_path / "areas").mkdir()
    import_paths(local_admin(), [areas(tmp_path / "areas")])
    yield
    limits.RATE.forget()


class Caller:
    """A program with a token of an account that is made for it."""

    def __init__(self, role: str = "county", area: str = COUNTY, *permissions: str) -> None:
        name = f"{role}{area}"
        user = User.objects.filter(username=name).first()
        if user is None:
            user = accounts.add_user(local_admin(), name, "korrekt-pferd-batterie", must_change=False)[0]
            accounts.grant_by_code(local_admin(), user, role, "area", area)
        actor = actor_for(user)
        chosen = permissions or [each.name for each in tokens.offered(actor)]
        grants = [each.pk for each in grants_of(actor)]
        secret = tokens.make_token(actor, "test", grants=grants, permissions=chosen, days=1)[1]
        self.headers = {"host": "localhost", "Authorization": f"Bearer {secret}"}
        self.client = Client(enforce_csrf_checks=True, raise_request_exception=False)

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/{path}", headers=self.headers)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.client.post(f"/api/{path}", body, "application/json", headers={**self.headers, **headers})

    def send(self, number: int, file: Any, kind: str = "", **headers: str) -> Any:
        data = {"file": file} | ({"kind": kind} if kind else {})
        return self.client.post(f"/api/import-sets/{number}/files", data, headers={**self.headers, **headers})

    def open(self, **body: Any) -> int:
        answer = self.post("import-sets", body)
        assert answer.status_code == 201, answer.content
        return int(answer.json()["id"])


def file_of(path: Path, name: str = "") -> SimpleUploadedFile:
    return SimpleUploadedFile(name or path.name, path.read_bytes())


def problem(answer: Any, status: int) -> str:
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["zh"]
    return str(answer.json()["code"])


def kept() -> set[str]:
    """The files that lie in the data folder, those of other tests too."""
    return {each.name for each in uploads.folder().iterdir()}


def work() -> None:
    worker.work(threading.Event(), until_empty=True)


def two(folder: Path) -> Path:
    return households(folder, household("9901"), household("9902", person("990201"), 镇="西乡", 村="丙村委会"))


# -- imports ------------------------------------------------------------------------------------------------------


def test_a_program_imports_and_evaluates(tmp_path: Path) -> None:
    caller = Caller()
    number = caller.open(as_of="2018-12-01")
    sent = caller.send(number, file_of(two(tmp_path)))
    assert sent.status_code == 201, sent.content
    begun = caller.post(f"import-sets/{number}/steps", {"step": "preview"})
    assert begun.status_code == 202
    assert caller.post(f"import-sets/{number}/steps", {"step": "preview"}).json()["id"] == begun.json()["id"]
    work()
    shown = caller.get(f"import-sets/{number}").json()
    assert shown["preview"]["report"]["households_imported"] == 2
    assert "fingerprint" not in shown["preview"]
    assert shown["imported"] is None
    assert not Household.objects.exists()
    caller.post(f"import-sets/{number}/steps", {"step": "import"})
    work()
    done = caller.get(f"import-sets/{number}").json()
    assert done["imported"] == Import.objects.order_by("-pk")[0].pk
    assert Household.objects.count() == 2
    assert caller.post(f"import-sets/{number}/steps", {"step": "import"}).json()["state"] == "done"
    assert Import.objects.filter(prepared=number).count() == 1

    asked = caller.post("evaluations", {"area": COUNTY})
    assert asked.status_code == 202
    work()
    job = caller.get(f"jobs/{asked.json()['id']}").json()
    assert (job["state"], job["result"]["href"]) == ("done", f"/areas/{COUNTY}/results/")
    [found] = caller.get(f"evaluations?area={COUNTY}").json()
    assert (found["day"], sum(found["counts"]["overall"].values())) == ("2018-12-01", 2)


def test_a_file_sent_twice_is_there_once(tmp_path: Path) -> None:
    caller, path = Caller(), two(tmp_path)
    number = caller.open()
    first = caller.send(number, file_of(path), **{"Idempotency-Key": "f-1"})
    again = caller.send(number, file_of(path), **{"Idempotency-Key": "f-1"})
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()
    assert caller.send(number, file_of(path)).json() == first.json(), "without a key its content says it"
    other = caller.send(number, file_of(path, "另一个.csv"), **{"Idempotency-Key": "f-1"})
    assert problem(other, 422) == "key_used"
    assert Upload.objects.count() == 1
    assert (
        caller.send(number, file_of(path, "另一个.csv"), kind="household_person").json()["kind"] == "household_person"
    )
    assert problem(caller.send(number, file_of(path), kind="no-such-kind"), 400) == "bad_choice"
    assert len(caller.get(f"import-sets/{number}").json()["files"]) == 2


def test_sets_opened_twice_with_a_key_are_one(tmp_path: Path) -> None:
    caller = Caller()
    opened = [caller.post("import-sets", {}, **{"Idempotency-Key": "s"}).json()["id"] for _ in range(2)]
    assert len(set(opened)) == ImportSet.objects.count() == 1
    caller.send(opened[0], file_of(two(tmp_path)))
    assert problem(caller.post(f"import-sets/{opened[0]}/steps", {"step": "import"}), 400) == "preview_first"
    assert problem(caller.post(f"import-sets/{caller.open()}/steps", {"step": "preview"}), 400) == "no_files"


def test_what_no_file_may_be_is_refused(tmp_path: Path) -> None:
    caller, path, before = Caller(), two(tmp_path), kept()
    number = caller.open()
    assert problem(caller.post(f"import-sets/{number}/files", {"file": "x"}), 415) == "wrong_type"
    assert caller.send(number, SimpleUploadedFile("图.xlsx", b"\x89PNG\r\n\x1a\n")).status_code == 400
    bad = caller.client.generic(
        "POST",
        f"/api/import-sets/{number}/files",
        b"nothing",
        "multipart/form-data; boundary=x",
        headers=caller.headers,
    )
    assert problem(bad, 422) == "not_valid"
    worse = caller.client.generic(
        "POST", f"/api/import-sets/{number}/files", b"nothing", "multipart/form-data", headers=caller.headers
    )
    assert problem(worse, 400) == "bad_request"
    assert problem(caller.send(number, file_of(path), kind="\0"), 400) == "bad_request"
    with override_settings(UPLOAD_MAX_BYTES=100):
        assert problem(caller.send(number, file_of(path)), 413) == "file_too_large"
    assert not Upload.objects.exists()
    assert kept() == before, "nothing is left behind"


def test_nothing_is_kept_of_who_has_no_good_token(tmp_path: Path) -> None:
    caller, path, before = Caller(), two(tmp_path), kept()
    number = caller.open()
    caller.headers["Authorization"] = "Bearer tuopin_nothing"
    assert problem(caller.send(number, file_of(path)), 401) == "no_token"
    assert kept() == before


def test_sets_of_others_and_tokens_without_the_permission(tmp_path: Path) -> None:
    number = Caller().open()
    township = Caller("township", EAST)
    for answer in (
        township.get(f"import-sets/{number}"), township.send(number, file_of(two(tmp_path))),
        township.post(f"import-sets/{number}/steps", {"step": "preview"}), township.get("import-sets/987654"),
    ):  # fmt: skip
        assert problem(answer, 404) == "no_such_set"
    narrow = Caller("county", COUNTY, "register.view_area")
    assert problem(narrow.post("import-sets", {}), 403) == "refused"
    assert problem(narrow.send(number, file_of(two(tmp_path))), 403) == "refused"
    assert problem(narrow.post("evaluations", {"area": COUNTY}), 403) == "refused"


# -- evaluations --------------------------------------------------------------------------------------------------


def test_evaluations_asked_for_twice_are_one_job(tmp_path: Path) -> None:
    import_paths(local_admin(), [two(tmp_path)])
    caller = Caller()
    body = {"area": COUNTY, "on": "2018-12-01"}
    first = caller.post("evaluations", body, **{"Idempotency-Key": "e"})
    assert caller.post("evaluations", body, **{"Idempotency-Key": "e"}).json() == first.json()
    assert caller.post("evaluations", body).json()["id"] == first.json()["id"]
    assert Job.objects.filter(kind=evaluating.JOB).count() == 1
    work()
    assert Evaluation.objects.count() == 1


def test_evaluations_keep_to_the_grants(tmp_path: Path) -> None:
    import_paths(local_admin(), [two(tmp_path)])
    east = Caller("county", EAST)
    assert problem(east.post("evaluations", {"area": WEST}), 404) == "no_such_area"
    assert problem(east.post("evaluations", {"area": "nothing"}), 404) == "no_such_area"
    assert problem(Caller("township", EAST).post("evaluations", {"area": EAST}), 403) == "refused"
    assert problem(east.post("evaluations", {"area": EAST, "on": "2999-01-01"}), 400) == "bad_day"
    assert problem(east.post("evaluations", {"area": EAST, "on": "soon"}), 422) == "not_valid"
    assert not Job.objects.filter(kind=evaluating.JOB).exists()
    assert jobs.kind(evaluating.JOB).title.zh == "按标准核查"
