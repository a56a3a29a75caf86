"""Changes of areas through the API and at the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from people import account, signed_in
from rooms.register.areas.tree import happen, line, now, plant, rows
from tuopin.platform.access import actor_for, grants_of
from tuopin.platform.api import limits, tokens
from tuopin.platform.cli import tuopin
from tuopin.register.models import AreaEvent, AreaVersion

if TYPE_CHECKING:
    from pathlib import Path

    from django.http import HttpResponse

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city(transactional_db: None) -> dict[str, AreaVersion]:
    limits.RATE.forget()
    return plant()


class Program:
    """A token over an area."""

    def __init__(self, name: str, role: str, area: str) -> None:
        user = account(name, role, area)
        actor = actor_for(user)
        grants = [each.pk for each in grants_of(actor)]
        offered = [each.name for each in tokens.offered(actor)]
        self.client = signed_in(user)
        self.head = {
            "authorization": f"Bearer {tokens.make_token(actor, 't', grants=grants, permissions=offered, days=1)[1]}"
        }

    def get(self, path: str, status: int = 200) -> Any:
        return self._read(self.client.get(f"/api{path}", headers=self.head), status)

    def post(self, path: str, body: Any, status: int = 201) -> Any:
        answer = self.client.post(f"/api{path}", body, content_type="application/json", headers=self.head)
        return self._read(answer, status)

    def _read(self, answer: HttpResponse, status: int) -> Any:
        assert answer.status_code == status, answer.content.decode()
        return json.loads(answer.content) if answer.content else None


MERGER = {"kind": "merged", "day": "2020-03-01", "old": "A1-1", "code": "A1-3"}


def test_a_program_previews_records_looks_up_and_takes_back(city: dict[str, AreaVersion]) -> None:
    county = Program("county", "county", "A")
    before = rows()
    preview = county.post("/area-changes", {"document": "文件", "lines": [MERGER], "preview": True}, 200)
    assert (preview["event"], preview["households"]) == (None, 4)
    assert rows() == before
    done = county.post("/area-changes", {"document": "文件", "lines": [MERGER]})
    assert [each["new_code"] for each in county.get("/area-changes?area=A1")["items"]] == ["A1-3"]
    assert [each["code"] for each in county.get("/area-codes/A1-1?on=2020-03-01")["areas"]] == ["A1-3"]
    assert [each["code"] for each in county.get("/area-codes/A1-1?on=2020-02-29")["areas"]] == ["A1-1"]
    other = Program("other", "county", "B")
    assert other.get("/area-changes")["items"] == []
    other.get("/area-codes/A1-1", 404)
    other.post(f"/area-changes/{done['event']}/undo", {"reason": "x"}, 404)
    county.post(f"/area-changes/{done['event']}/undo", {"reason": "登记有误"}, 204)
    assert county.get("/area-changes")["items"] == []


def test_faults_come_by_line(city: dict[str, AreaVersion]) -> None:
    county = Program("county", "county", "A")
    lines = [MERGER | {"old": "gone"}, MERGER, MERGER | {"old": "B1-1"}]
    found = county.post("/area-changes", {"document": "文件", "lines": lines}, 400)
    assert [(each["row"], each["code"]) for each in found["faults"]] == [(1, "no_such_area"), (3, "no_such_area")]
    assert not AreaEvent.objects.exists()


def test_after_a_split_a_code_means_several_areas(city: dict[str, AreaVersion]) -> None:
    happen(
        line("split", "A1-1", "A1-8", name="东村", groups=("一组",)),
        line("split", "A1-1", "A1-9", name="西村", groups=("二组",)),
    )
    county = Program("county", "county", "A")
    assert [each["code"] for each in county.get("/area-codes/A1-1")["areas"]] == ["A1-8", "A1-9"]


def run(*words: str) -> Any:
    done = CliRunner().invoke(tuopin, [*words, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_a_table_at_the_command_line(
    city: dict[str, AreaVersion], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tuopin.platform.prepare.prepare", lambda: None)
    file = tmp_path / "变更.csv"
    file.write_text(
        "变更类型,生效日期,原代码,新代码,新名称\n合并,2020-03-01,A1-1,A1-3,\n更名,2020-03-01,A2-1,,红旗村\n", "utf-8"
    )
    assert run("areas", "record", str(file), "--document", "文件", "--dry-run")["households"] == 4
    done = run("areas", "record", str(file), "--document", "文件")
    assert now("A2-1").name == "红旗村"
    assert len(run("areas", "map")["changes"]) == 2
    assert run("areas", "find", "A1-1")["areas"][0]["code"] == "A1-3"
    run("areas", "undo", str(done["event"]), "--reason", "登记有误")
    assert now("A2-1").name == "A2第1村"
