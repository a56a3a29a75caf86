"""Procedures by programs, and what an import must know of them."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest

from county import household, households, person
from people import account
from rooms.standards.procedures.steps import COUNTY, DAY, ILL, KEY, VILLAGE, WAY, WEST, begun, doing, four, take
from tuopin.platform.access import actor_for, grants_of, local_admin
from tuopin.platform.api import limits, tokens
from tuopin.platform.problems import Problem
from tuopin.register.importing.services import import_paths
from tuopin.register.importing.undo import undo_import
from tuopin.register.models import AreaVersion, DataIssue, HouseholdCard, Import
from tuopin.standards.procedures.models import Procedure

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client

pytestmark = pytest.mark.django_db(transaction=True)

API = "/api/procedures"


@pytest.fixture(autouse=True)
def _four(tmp_path: Path) -> None:
    limits.RATE.forget()
    four(tmp_path)


def bearer(role: str, area: str) -> dict[str, str]:
    actor = actor_for(account(role + area, role, area))
    offered = [each.name for each in tokens.offered(actor)]
    grants = [each.pk for each in grants_of(actor)]
    secret = tokens.make_token(actor, "test", grants=grants, permissions=offered, days=1)[1]
    return {"Authorization": f"Bearer {secret}"}


def post(client: Client, path: str, body: Any, headers: dict[str, str]) -> Any:
    return client.post(API + path, body, content_type="application/json", headers=headers)


def test_from_the_start_to_the_end_by_programs(client: Client) -> None:
    county = bearer("county", COUNTY)
    body = {"area": VILLAGE, "procedure": KEY, "day": "2018-12-01", "subjects": ["9901", "9902"]}
    answer = post(client, "", body, county)
    assert answer.status_code == 201, answer.content
    numbers = answer.json()["procedures"]
    for seen, (step, outcome, offset) in enumerate(WAY):
        made = doing(step, outcome, offset)
        body = {"procedures": [{"procedure": number, "seen": seen} for number in numbers], "step": step,
                "outcome": outcome, "day": made.day.isoformat(), "by": made.by,
                "references": dict(made.references)}  # fmt: skip
        answer = post(client, "/acts", body, county)
        assert answer.status_code == 200, answer.content
        assert post(client, "/acts", body, county).status_code == 409, "the same again is refused"
    assert answer.json() == {"recorded": 2, "completed": 2}
    shown = client.get(f"{API}/{numbers[0]}", headers=county).json()
    assert (shown["state"], shown["subject"], shown["frozen_whole"]) == ("completed", "9901", True)
    assert [each["state"] for each in shown["steps"]].count("passed") == 2
    assert HouseholdCard.objects.get(code="9902").registration == "exited"


def test_strangers_learn_nothing_by_programs(client: Client) -> None:
    [row] = begun("9901")
    stranger = bearer("township", WEST)
    act = {"procedures": [{"procedure": row.pk, "seen": 0}], "step": "review", "outcome": "passed",
           "day": "2018-12-01", "by": "甲"}  # fmt: skip
    absent = act | {"procedures": [{"procedure": 10**9, "seen": 0}]}
    assert client.get(f"{API}/{row.pk}", headers=stranger).status_code == 404
    inside, nothing = (post(client, "/acts", body, stranger) for body in (act, absent))
    assert (inside.status_code, nothing.status_code) == (404, 404)
    assert inside.json()["title"] == nothing.json()["title"]
    withdrawal = {"procedures": act["procedures"], "day": "2018-12-01", "reason": "理由"}
    assert post(client, "/withdrawals", withdrawal, stranger).status_code == 404
    begin = {"area": VILLAGE, "procedure": KEY, "day": "2018-12-01", "subjects": ["9902"]}
    assert post(client, "", begin, stranger).status_code == 404
    assert Procedure.objects.count() == 1


def test_withdrawn_by_programs(client: Client) -> None:
    [row] = begun("9901")
    body = {"procedures": [{"procedure": row.pk, "seen": 0}], "day": "2018-12-01", "reason": "登记有误"}
    assert post(client, "/withdrawals", body, bearer("county", COUNTY)).json() == {"recorded": 1, "completed": 0}
    assert Procedure.objects.get().state == "withdrawn"


def test_an_import_on_which_a_procedure_stands_is_not_undone() -> None:
    begun("9901")
    record = Import.objects.latest("pk")
    with pytest.raises(Problem) as caught:
        undo_import(local_admin(), record.pk)
    assert caught.value.code == "cannot_undo"
    assert "程序" in caught.value.zh


def test_nor_one_on_which_the_exit_of_an_area_stands() -> None:
    begun("9901")
    for code in (VILLAGE, COUNTY):
        Procedure.objects.update(level="village", subject_id=AreaVersion.objects.get(code=code, valid_to=None).area_id)
        with pytest.raises(Problem) as caught:
            undo_import(local_admin(), Import.objects.latest("pk").pk)
        assert "程序" in caught.value.zh


def test_an_export_from_before_turns_no_decided_status_back(tmp_path: Path) -> None:
    rows = begun("9901", "9902")
    take(rows, *WAY)
    again = tmp_path / "again"
    four_rows(again, "未脱贫")
    import_paths(local_admin(), [again], as_of=DAY + datetime.timedelta(days=40))
    cards = dict(HouseholdCard.objects.values_list("code", "registration"))
    assert (cards["9901"], cards["9902"], cards["9903"]) == ("exited", "exited", "registered")
    issues = DataIssue.objects.filter(code="status_behind_procedure", closed_at=None)
    assert sorted(issues.values_list("subject", "value")) == [("9901", "未脱贫"), ("9902", "未脱贫")]
    later = tmp_path / "later"
    four_rows(later, "返贫")
    import_paths(local_admin(), [later], as_of=DAY + datetime.timedelta(days=50))
    assert HouseholdCard.objects.get(code="9901").registration == "returned", "what is new is taken in"
    assert not issues.exists()
    anew = tmp_path / "anew"
    four_rows(anew, "未脱贫")
    import_paths(local_admin(), [anew], as_of=DAY + datetime.timedelta(days=60))
    assert HouseholdCard.objects.get(code="9901").registration == "registered", "the decision stands no more"


def four_rows(folder: Path, registration: str) -> None:
    place = {"镇": "东乡", "村": "甲村委会", "脱贫属性": registration}
    rows = (
        household(f"990{at}", person(f"990{at}01", 姓名=name, **ILL), 户主姓名=name, **place)
        for at, name in ((1, "张三"), (2, "李四"), (3, "王五"))
    )
    households(folder, *rows)
