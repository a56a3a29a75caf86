"""The pages of judging from seals and of other instances, and the same at the command line."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from django.test import Client

from county import areas, household, households, take, taken
from people import account, signed_in
from rooms.standards.sealed import steps
from rooms.standards.sealed.steps import DAY, asked
from tuopin.platform import worker
from tuopin.platform.access import actor_for, grants_of, local_admin
from tuopin.platform.api import limits, tokens
from tuopin.platform.auditing import readlog
from tuopin.platform.models import ReadBatch
from tuopin.standards.cli import check_command
from tuopin.standards.models import SealedEvaluation, SealInstance
from tuopin.standards.sealed import federation, services
from tuopin.standards.sealed.cli import federation_group, recompute_command
from tuopin.standards.services import evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import click

pytestmark = pytest.mark.django_db(transaction=True)

FORM = {"standard": "national/household_exit", "day": "2018-12-01"}
COUNTY, PROVINCE = "990101000000", "990000000000"


@pytest.fixture
def county(tmp_path: Path) -> Iterator[Path]:
    areas(tmp_path)
    steps.workbooks(tmp_path)
    taken("sealed_county", tmp_path)
    steps.clear_seals()
    yield tmp_path
    steps.clear_seals()


def browser(role: str, area: str = COUNTY) -> Client:
    return signed_in(account(f"{role}-{area}", role, area))


def work() -> None:
    worker.work(threading.Event(), until_empty=True)


def test_an_auditor_computes_a_figure_again(county: Path) -> None:
    stored = evaluate(local_admin(), "household_exit", day=DAY, area=COUNTY)
    number = steps.seal()
    auditor = browser("auditor")
    page = auditor.get(f"/standards/seals/?area={COUNTY}").content.decode()
    assert f'<option value="{stored.pk}">' in page
    made = auditor.post("/standards/seals/", {"area": COUNTY, "seal": number, "evaluation": stored.pk})
    assert made.status_code == 302
    work()
    row = SealedEvaluation.objects.get()
    job = auditor.get(made["Location"]).content.decode()
    assert f"/standards/sealed/{row.pk}/" in job
    shown = auditor.get(f"/standards/sealed/{row.pk}/").content.decode()
    assert "一致：4 个判定对象逐项相同" in shown
    assert "不是登记册最近一次核查" in shown
    assert row.sources[0]["digest"] in shown
    assert "rows.csv" in shown


def test_a_clerk_judges_from_a_seal_and_takes_the_rows(county: Path) -> None:
    number = steps.seal()
    clerk = browser("county")
    clerk.post(
        "/standards/seals/",
        {"area": COUNTY, "seal": number, "standard": "national/household_exit", "day": "2018-12-01"},
    )
    work()
    row = SealedEvaluation.objects.get()
    assert row.pack == "national"
    page = clerk.get(f"/standards/sealed/{row.pk}/?in=990101100000").content.decode()
    assert "甲村委会" in page
    assert "东乡" in page
    assert row.sources[0]["pack_then"] == {"version": row.pack_version, "digest": row.pack_digest}
    assert "标准包与封存时不同" not in page
    SealedEvaluation.objects.update(pack_digest="0" * 64)
    assert "标准包与封存时不同" in clerk.get(f"/standards/sealed/{row.pk}/").content.decode()
    assert clerk.get(f"/standards/sealed/{row.pk}/?in=990100000000").status_code == 404  # above what was judged
    answer = clerk.get(f"/standards/sealed/{row.pk}/rows.csv")
    text = b"".join(answer).decode("utf-8-sig")  # type: ignore[arg-type]
    assert text.splitlines()[0].startswith("household_code,subject,area_code,overall,")
    assert {line.split(",")[0] for line in text.splitlines()[1:]} == {"9901", "9902", "9903", "9904"}
    assert "张三" not in text
    readlog.drain()
    assert ReadBatch.objects.exists()


@pytest.mark.parametrize(
    "sent",
    [
        {}, FORM | {"seal": "x"}, FORM | {"seal": "1", "standard": ""},
        FORM | {"seal": "1", "standard": "national/nothing"},
        FORM | {"seal": "1", "standard": "a/b/c/../d"}, FORM | {"seal": "1", "day": "1018-12-01"},
        FORM | {"seal": "9" * 17}, FORM | {"seal": "1", "day": "x"},
        {"seal": "1", "evaluation": "99"}, {"seal": "-1", "evaluation": "\0"},
    ],
)  # fmt: skip
def test_what_is_sent_wrong_is_said(county: Path, sent: dict[str, str]) -> None:
    steps.seal()
    answer = browser("county").post("/standards/seals/", {"area": COUNTY} | sent)
    assert answer.status_code in {400, 404}
    assert 'role="alert"' in answer.content.decode()
    assert browser("headquarters").post("/standards/federation/", {"area": COUNTY} | sent).status_code in {400, 404}


def test_pages_are_for_those_who_may(county: Path) -> None:
    number = steps.seal()
    row = services.evaluate(local_admin(), asked(number, area=COUNTY))
    village = browser("village", "990101100201")
    for address in ("/standards/seals/", "/standards/federation/"):
        assert village.get(address).status_code == 403
    assert village.get(f"/standards/sealed/{row.pk}/").status_code == 404
    assert village.post("/standards/seals/", {"area": COUNTY, "seal": number}).status_code == 404
    assessor = browser("assessor")  # sees figures alone
    page = assessor.get(f"/standards/sealed/{row.pk}/")
    assert page.status_code == 200
    assert "rows.csv" not in page.content.decode()
    assert assessor.get(f"/standards/sealed/{row.pk}/rows.csv").status_code == 404
    assert "封存核查" not in village.get("/").content.decode()


def test_instances_and_what_came_of_them(county: Path, django_assert_max_num_queries: object) -> None:
    row = federation.add(local_admin(), str(steps.sealed_elsewhere(county / "one", "a")))
    office = browser("headquarters", PROVINCE)
    page = office.get(f"/standards/federation/?area={PROVINCE}").content.decode()
    assert "接续完好" in page
    assert str(county) not in page  # where it lies is nobody's business on a page
    made = office.post(f"/standards/federation/{row.pk}/look/")
    work()
    assert SealInstance.objects.get().seals.get().verified_at is not None
    made = office.post("/standards/federation/", {"area": PROVINCE, **FORM})
    assert made.status_code == 302
    work()
    joint = SealedEvaluation.objects.get()
    assert joint.joint
    shown = office.get(f"/standards/sealed/{joint.pk}/").content.decode()
    assert "联合核查：1 个实例" in shown
    assert "按县" in shown
    assert f"?in={COUNTY}&amp;of={row.pk}" in shown
    below = office.get(f"/standards/sealed/{joint.pk}/?in={COUNTY}&of={row.pk}").content.decode()
    assert "东乡" in below
    text = b"".join(office.get(f"/standards/sealed/{joint.pk}/rows.csv")).decode("utf-8-sig")  # type: ignore[arg-type]
    assert {line.split(",")[0] for line in text.splitlines()[1:]} == {""}
    assessor = browser("assessor", PROVINCE)  # sees figures alone, of other instances too
    assert "rows.csv" not in assessor.get(f"/standards/sealed/{joint.pk}/").content.decode()
    assert assessor.get(f"/standards/sealed/{joint.pk}/rows.csv").status_code == 404
    county_office = browser("county")
    assert county_office.get(f"/standards/sealed/{joint.pk}/").status_code == 404
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        office.get(f"/standards/federation/?area={PROVINCE}")
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        office.get(f"/standards/sealed/{joint.pk}/")
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        office.get(f"/standards/seals/?area={PROVINCE}")


def test_the_command_line(county: Path) -> None:
    stored = evaluate(local_admin(), "household_exit", day=DAY)
    number = steps.seal()

    def run(command: click.Command, *arguments: str) -> tuple[int, Any]:
        found = CliRunner().invoke(command, [*arguments, "--json"])
        return found.exit_code, json.loads(found.stdout)

    day = ("--on", "2018-12-01")
    code, document = run(check_command, "household_exit", *day, "--known-at", str(number))
    assert (code, document["tally"]) == (0, stored.tally)
    assert run(recompute_command, str(stored.pk), "--seal", str(number))[0] == 0
    households(county, household("9901", 工资性收入="1"), day="2018-12-01", name="更正.csv")
    take(county / "更正.csv")
    code, document = run(recompute_command, str(stored.pk), "--seal", str(steps.seal()))
    assert code == 1
    assert document["against"]["differ"] == 1
    folder = steps.sealed_elsewhere(county / "one", "a")
    assert run(federation_group, "register", str(folder))[1]["area"] == COUNTY
    code, document = run(federation_group, "together", "household_exit", *day, "--area", PROVINCE)
    assert [each["instance"] for each in document["seals"]] == ["a" * 32]
    (folder / "3" / "manifest.json").unlink()
    code, document = run(federation_group, "look")
    assert (code, document["instances"][0]["state"]) == (1, "rewritten")


class Caller:
    """A program with a token that carries all that its owner may hand on."""

    def __init__(self, role: str, area: str) -> None:
        actor = actor_for(account(f"{role}-{area}", role, area))
        grants, chosen = [each.pk for each in grants_of(actor)], [each.name for each in tokens.offered(actor)]
        secret = tokens.make_token(actor, "test", grants=grants, permissions=chosen, days=1)[1]
        self.client = Client(headers={"host": "localhost", "authorization": f"Bearer {secret}"})
        limits.RATE.forget()

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/{path}")

    def post(self, path: str, **body: Any) -> Any:
        return self.client.post(f"/api/{path}", body, content_type="application/json")


def test_programs_ask_for_the_same(county: Path) -> None:
    stored = evaluate(local_admin(), "household_exit", day=DAY, area=COUNTY)
    number = steps.seal()
    office = Caller("headquarters", PROVINCE)
    body = {"area": COUNTY, "standard": "household_exit", "pack": "national", "on": "2018-12-01"}
    assert office.post("sealed-evaluations", seal=number, **body).status_code == 202
    assert office.post("recomputations", seal=number, evaluation=stored.pk).status_code == 202
    federation.add(local_admin(), str(steps.sealed_elsewhere(county / "one", "a")))
    assert office.post("joint-evaluations", **body).status_code == 202
    work()
    again, first = office.get("sealed-evaluations").json()
    assert first["tally"] == again["tally"] == stored.tally
    assert (again["against"]["equal"], again["against"]["differ"]) == (4, 0)
    (joint,) = office.get("sealed-evaluations?joint=true").json()
    assert joint["seals"][0]["instance"] == "a" * 32
    found = office.get(f"sealed-evaluations/{first['number']}?code=990101100000").json()
    assert found["area"]["counts"]["overall"] == [1, 1, 1, 0]
    assert [each["name"] for each in found["below"]] == ["甲村委会"]
    (instance,) = office.get("seal-instances").json()
    assert (instance["area"], instance["state"]) == (COUNTY, "sound")
    assert str(county) not in json.dumps(instance)
    for wrong in ({"seal": 99}, {"seal": number, "on": "1999-01-01"}, {"seal": number, "area": "1"}):
        assert office.post("sealed-evaluations", **(body | wrong)).status_code in {400, 404}
    township = Caller("township", "990101100000")
    assert township.get("sealed-evaluations").json() == []
    assert township.get(f"sealed-evaluations/{first['number']}").status_code == 404
    assert township.get("seal-instances").json() == []
    assert township.post("recomputations", seal=number, evaluation=stored.pk).status_code == 403
