"""The same small county in eight shapes: every shape gives the figures of its key, worked out by hand."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tuopin.duties.selectors import without_live_helper
from tuopin.platform.access import local_admin
from tuopin.register.importing.services import import_paths
from tuopin.standards.selectors import subjects_document
from tuopin.standards.services import evaluate

pytestmark = pytest.mark.django_db(transaction=True)

VARIANTS = Path(__file__).resolve().parents[1] / "data" / "variants"
NAMES = sorted(path.name for path in VARIANTS.iterdir() if path.is_dir())
DAY = date(2018, 12, 1)


def judged(standard: str) -> dict[str, dict[str, Any]]:
    """Verdicts and facts by code, as ``tuopin check --json`` prints them."""
    import orjson

    found = evaluate(local_admin(), standard, day=DAY, pack="shangqiu-2018")
    document: dict[str, dict[str, Any]] = orjson.loads(orjson.dumps(subjects_document(local_admin(), found)))
    return document


def without(document: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in keys}


def test_there_are_eight_shapes() -> None:
    assert NAMES == ["aliases", "et", "gb18030", "html", "sheets", "utf16", "utf8", "xls"]


@pytest.mark.parametrize("name", NAMES)
def test_every_shape_gives_its_key(name: str) -> None:
    key = json.loads((VARIANTS / name / "expected.json").read_text(encoding="utf-8"))
    as_of = date.fromisoformat(key["as_of"]) if key["as_of"] else None
    report = import_paths(local_admin(), [VARIANTS / name], as_of=as_of)
    people = [file for file in report.files if file["kind"] == "household_person"]
    assert {file["header_row"] for file in people} == {key["header_row"]}
    assert sum(file["rows"] for file in people) == key["person_rows"]
    for figure in ("households_imported", "persons_imported", "rejected_households", "issues"):
        assert getattr(report, figure) == key[figure], figure
    gaps = [household.code for household in without_live_helper(local_admin(), DAY)]
    assert gaps == key["without_live_helper"]

    households = judged("household_exit")
    assert households.keys() == key["households"].keys()
    for code, expected in key["households"].items():
        assert without(households[code], "facts") == without(expected, "income_per_head", "members"), code
        assert households[code]["facts"]["income_per_head"] == expected["income_per_head"], code

    villages = judged("village_exit")
    assert villages.keys() == key["villages"].keys()
    for code, expected in key["villages"].items():
        found = villages[code]
        assert str(found["facts"]["unexited_persons"]) == expected["unexited_persons"]
        assert str(found["facts"]["population"]) == expected["population"]
        assert found["facts"]["incidence"] == expected["incidence"]
        assert found["incidence"] == expected["incidence_verdict"]
        assert found["industry"] == expected["industry"]
        assert found["collective_income"] == "unknown"
        assert [found[f"work_{number}"] for number in range(1, 10)] == expected["works"]


@pytest.mark.parametrize("name", ["aliases", "gb18030"])
def test_without_a_date_the_import_asks(name: str) -> None:
    """These two have no export date; 核查日期 2018-11-20 then counts, and nothing else is guessed."""
    import_paths(local_admin(), [VARIANTS / name])
    from tuopin.register.models import Import

    assert Import.objects.get().as_of == date(2018, 11, 20)


@pytest.mark.parametrize("name", ["utf8", "xls"])
def test_a_second_import_changes_nothing(name: str) -> None:
    import_paths(local_admin(), [VARIANTS / name])
    again = import_paths(local_admin(), [VARIANTS / name])
    assert again.rows["created"] == again.rows["updated"] == 0
    assert again.households_imported == 9


def test_one_shape_after_another_is_the_same_county() -> None:
    """The register does not depend on the shape in which it came."""
    import_paths(local_admin(), [VARIANTS / "utf8"])
    again = import_paths(local_admin(), [VARIANTS / "html"])
    assert again.rows["created"] == again.rows["updated"] == 0
