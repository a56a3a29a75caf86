"""Imports and evaluations through the API: what is sent twice happens once, and every refusal is said in words."""

from __future__ import annotations

import datetime
import threading
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.utils import timezone

from county import areas, household, households, person, taken
from tuopin.platform import jobs, uploads, worker
from tuopin.platform.access import actor_for, grants_of, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.api import limits, tokens
from tuopin.platform.models import AuditEntry, Job, Token, Upload, User
from tuopin.platform.problems import Problem
from tuopin.register import counting
from tuopin.register.importing import prepared as sets
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
    taken("areas", areas(tmp_path / "areas"))
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
    found = {each["standard"]: each for each in caller.get(f"evaluations?area={COUNTY}").json()}
    assert set(found) == {"household_exit", "household_quality"}, "a pack that holds everywhere is judged too"
    exits = found["household_exit"]
    assert (exits["day"], sum(exits["counts"]["overall"].values())) == ("2018-12-01", 2)


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


@pytest.mark.parametrize("how", ["unknown kind", "at work meanwhile"])
def test_of_a_file_of_a_wrong_kind_nothing_stays(tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    caller, path, before = Caller(), two(tmp_path), kept()
    number = caller.open()
    kind, code = "no-such-kind", "bad_choice"
    if how == "at work meanwhile":  # the set is taken between keeping the file and choosing its kind
        kind, code = "household_person", "at_work"

        def refused(*_values: object, **_named: object) -> None:
            raise Problem("at_work", "正在处理", "at work")

        monkeypatch.setattr(sets, "choose", refused)
    for headers in ({}, {"Idempotency-Key": "k"}):
        assert problem(caller.send(number, file_of(path), kind=kind, **headers), 400) == code
    assert not Upload.objects.exists()
    assert kept() == before
    assert caller.get(f"import-sets/{number}").json()["files"] == []


# -- what tokens reach of their owner's ---------------------------------------------------------------------------


def test_the_sets_of_an_owner_are_not_its_tokens(tmp_path: Path) -> None:
    caller, other = Caller(), Caller()
    owner = actor_for(User.objects.get())
    mine = sets.open_set(owner)
    sets.add_file(owner, mine, file_of(two(tmp_path)))
    sets.choose(owner, mine, as_of=datetime.date(2018, 12, 1), year=None, kinds={}, left_out=frozenset())
    sets.begin(owner, mine.pk, ImportSet.Step.PREVIEW)
    work()
    assert sets.fresh(owner, sets.set_of(owner, mine.pk), ImportSet.Step.PREVIEW)
    number = other.open()
    for asked in (mine.pk, number):
        for answer in (
            caller.get(f"import-sets/{asked}"), caller.send(asked, file_of(two(tmp_path))),
            caller.post(f"import-sets/{asked}/steps", {"step": "preview"}),
        ):  # fmt: skip
            assert problem(answer, 404) == "no_such_set"
    assert sets.set_of(owner, number).pk == number, "the owner sees what the token opened"


def test_a_preview_is_of_the_grants_it_was_made_with(tmp_path: Path) -> None:
    """The owner may import the county, the token one township of it."""
    narrow = Caller("county", COUNTY)
    owner = User.objects.get()
    accounts.grant_by_code(local_admin(), owner, "township", "area", EAST)
    part = [each.pk for each in grants_of(actor_for(owner)) if each.role == "township"]
    secret = tokens.make_token(
        actor_for(owner), "one township", grants=part, permissions=["register.import_workbooks"], days=1
    )[1]
    narrow.headers["Authorization"] = f"Bearer {secret}"
    number = narrow.open(as_of="2018-12-01")
    narrow.send(number, file_of(two(tmp_path)))
    sets.begin(actor_for(owner), number, ImportSet.Step.PREVIEW)
    working = narrow.post(f"import-sets/{number}/steps", {"step": "preview"})
    assert problem(working, 400) == "begun_elsewhere"
    work()
    seen = narrow.get(f"import-sets/{number}").json()
    assert (seen["preview"], seen["job"]) == (None, None), "what the owner was shown"
    assert problem(narrow.post(f"import-sets/{number}/steps", {"step": "import"}), 400) == "preview_first"
    narrow.post(f"import-sets/{number}/steps", {"step": "preview"})
    work()
    seen = narrow.get(f"import-sets/{number}").json()
    assert seen["preview"]["report"]["households_imported"] == 1
    assert seen["preview"]["reasons"] == {"outside_grants": 1}
    wide = actor_for(owner)
    assert not sets.fresh(wide, sets.set_of(wide, number), ImportSet.Step.PREVIEW)


def test_a_token_knows_of_the_imports_that_it_made_and_of_those_within_its_grants(tmp_path: Path) -> None:
    import_paths(local_admin(), [households(tmp_path, household("9901"))])
    caller = Caller()
    owner = User.objects.get()
    import_paths(actor_for(owner), [two(tmp_path)])
    accounts.grant_by_code(local_admin(), owner, "township", "area", WEST)
    part = [each.pk for each in grants_of(actor_for(owner)) if each.role == "township"]
    allowed = ["register.import_workbooks"]
    secret = tokens.make_token(actor_for(owner), "west", grants=part, permissions=allowed, days=1)[1]
    assert len(caller.get("imports").json()["items"]) >= 2
    caller.headers["Authorization"] = f"Bearer {secret}"
    assert caller.get("imports").json()["items"] == []


@pytest.mark.parametrize("how", ["revoked", "expired", "closed"])
def test_jobs_of_an_ended_token_end_refused_and_audited(tmp_path: Path, how: str) -> None:
    import_paths(local_admin(), [two(tmp_path)])
    caller = Caller()
    begun = caller.post("evaluations", {"area": COUNTY, "on": "2018-12-01"}).json()["id"]
    owner, token = User.objects.get(), Token.objects.get()
    match how:
        case "revoked":
            tokens.revoke_tokens(actor_for(owner), [token.pk])
        case "expired":
            Token.objects.update(expires_at=timezone.now())
        case "closed":
            accounts.set_active(local_admin(), owner, False)
    work()
    row = Job.objects.get(pk=begun)
    assert (row.state, row.error["error"]) == ("failed", "token_ended")
    assert row.error["zh"]
    assert row.error["en"]
    assert not Evaluation.objects.exists()
    entry = AuditEntry.objects.get(action="platform.refuse_job")
    assert (entry.subject, entry.user_id) == (f"job:{begun}", owner.pk)
    assert str(token.pk) in entry.detail
    assert not Job.objects.filter(state__in=Job.UNFINISHED).exists(), "it is not tried again"


def test_a_running_job_of_a_token_stops_at_its_next_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    caller = Caller()
    actor = tokens.actor_of(caller.headers["Authorization"].removeprefix("Bearer "))
    assert actor is not None
    monkeypatch.setattr(jobs, "_kinds", dict(jobs.kinds()))
    reached: list[int] = []

    @jobs.job("test.long")
    def long(run: jobs.Run) -> None:
        reached.append(1)
        Token.objects.update(revoked_at=timezone.now())
        run.progress(1, 1)
        reached.append(2)

    row = jobs.enqueue(actor, "test.long", {})
    work()
    row.refresh_from_db()
    assert (row.state, row.error["error"], reached) == ("failed", "token_ended", [1])
    assert AuditEntry.objects.filter(action="platform.refuse_job").count() == 1


def test_what_follows_from_an_act_is_done_though_its_token_ends(tmp_path: Path) -> None:
    """An import is in the register: that its lists and counts follow is nobody's request any more."""
    caller = Caller()
    number = caller.open(as_of="2018-12-01")
    caller.send(number, file_of(two(tmp_path)))
    for step in ("preview", "import"):
        caller.post(f"import-sets/{number}/steps", {"step": step})
        row = jobs.claim("w")
        while row is not None and row.kind not in {"register.preview_import", "register.run_import"}:
            worker.attempt(row)
            row = jobs.claim("w")
        assert row is not None
        worker.attempt(row)
    assert Job.objects.filter(kind=counting.JOB, state=Job.State.QUEUED).exists()
    tokens.revoke_tokens(actor_for(User.objects.get()), [Token.objects.get().pk])
    work()
    assert set(Job.objects.filter(kind=counting.JOB).values_list("state", flat=True)) == {"done"}


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
    assert sorted(Evaluation.objects.values_list("standard", flat=True)) == ["household_exit", "household_quality"]


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
