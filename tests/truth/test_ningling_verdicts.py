"""The county's set against its answer key: every verdict of every household and village, on both days."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from tuopin.core.standards import FROM_LETTER
from tuopin.platform.access import local_admin
from tuopin.register.importing.services import import_paths
from tuopin.standards.explaining.subject import explain
from tuopin.standards.models import AreaTally, Evaluation, Finding, Verdict
from tuopin.standards.selectors import subjects_document
from tuopin.standards.services import evaluate

COUNTY = Path(__file__).resolve().parents[1] / "data" / "ningling-2018"
KEY: dict[str, Any] = json.loads((COUNTY / "expected.json").read_text(encoding="utf-8"))
ITEMS = ("overall", "income", "food", "clothing", "water", "education", "medical", "housing")

pytestmark = pytest.mark.django_db(transaction=True)


def subjects(evaluation: Evaluation) -> dict[str, dict[str, Any]]:
    document: dict[str, dict[str, Any]] = json.loads(orjson.dumps(subjects_document(local_admin(), evaluation)))
    return document


def households_follow_the_key(pack: str) -> None:
    day = datetime.date.fromisoformat(KEY["on"])
    evaluation = evaluate(local_admin(), "household_exit", day=day, pack=pack)
    assert evaluation.tally == KEY["tally"]
    found = subjects(evaluation)
    assert found.keys() == KEY["households"].keys()
    for code, wanted in KEY["households"].items():
        assert {item: found[code][item] for item in ITEMS} == {item: wanted[item] for item in ITEMS}, code
        assert found[code]["facts"] == {"income_per_head": wanted["income_per_head"]}, code
    stored_rows_agree(evaluation)


def stored_rows_agree(evaluation: Evaluation) -> None:
    """Findings and counts by area say the same as the verdict rows."""
    findings = set(Finding.objects.filter(evaluation=evaluation).values_list("subject_id", "item", "verdict"))
    counted: dict[tuple[int, str, str], int] = {}
    expected = set()
    for row in Verdict.objects.filter(evaluation=evaluation):
        for item, letter in zip(["overall", *evaluation.items], row.letters, strict=True):
            verdict = FROM_LETTER[letter]
            counted[row.area_id, item, verdict] = counted.get((row.area_id, item, verdict), 0) + 1
            if item != "overall" and verdict in {"not_met", "unknown"}:
                expected.add((row.subject_id, item, verdict))
    assert findings == expected
    tallies = {
        (row.area_id, row.item, verdict): number
        for row in AreaTally.objects.filter(evaluation=evaluation)
        for verdict in FROM_LETTER.values()
        if (number := getattr(row, verdict))
    }
    assert tallies == counted


def second_day_follows_the_key() -> None:
    second = KEY["second_day"]
    day = datetime.date.fromisoformat(second["on"])
    assert evaluate(local_admin(), "household_exit", day=day).tally == second["tally"]


def villages_follow_the_key(pack: str) -> None:
    evaluation = evaluate(local_admin(), "village_exit", day=datetime.date.fromisoformat(KEY["on"]), pack=pack)
    found = subjects(evaluation)
    assert found.keys() == KEY["villages"].keys()
    for code, wanted in KEY["villages"].items():
        village = found[code]
        facts = {name: wanted[name] for name in ("population", "unexited_persons", "incidence")}
        assert village["facts"] == facts, code
        assert (village["overall"], village["collective_income"]) == (wanted["overall"], "unknown"), code
        assert (village["incidence"] == "met") is wanted["incidence_met"], code
        assert (village["industry"] == "met") is wanted["industry_met"], code
        assert [village[f"work_{number}"] for number in range(1, 10)] == wanted["nine"], code


def explanations_agree_with_what_is_stored() -> None:
    day = datetime.date.fromisoformat(KEY["on"])
    for code in [*list(KEY["households"])[:60], *list(KEY["villages"])[:3]]:
        standard = "village_exit" if code in KEY["villages"] else "household_exit"
        (explained,) = explain(local_admin(), code, standard=standard, day=day)
        assert explained.differs is False, code


def test_every_verdict_follows_the_key() -> None:
    import_paths(local_admin(), [COUNTY])
    for pack in ("shangqiu-2018", "national"):
        households_follow_the_key(pack)
        villages_follow_the_key(pack)
    second_day_follows_the_key()
    explanations_agree_with_what_is_stored()
    assert evaluate(local_admin(), "county_exit", day=datetime.date(2018, 12, 1)).tally["overall"] == {}
