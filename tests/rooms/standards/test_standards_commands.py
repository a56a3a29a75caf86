"""The commands check, explain and standards: one JSON document on stdout, messages on stderr, exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import migrated
from county import areas, household, households, person
from installation import installation

if TYPE_CHECKING:
    from pathlib import Path


def test_from_a_workbook_to_an_explained_verdict(tmp_path: Path) -> None:
    areas(tmp_path / "set")
    households(tmp_path / "set", household("9901", person(是否参加城乡居民基本医疗保险="否"), 工资性收入="2995"))
    check = ("check", "household_exit", "--on", "2018-12-01", "--json")
    with installation(tmp_path / "home", like=migrated.made()) as made:
        made.env["TUOPIN_LANGUAGE"] = "zh"
        done = made.commands(
            ("import", str(tmp_path / "set"), "--as-of", "2018-12-01"),
            check,
            check,
            ("explain", "9901", "--json"),
            ("explain", "9901"),
            ("check", "household_exit", "--on", "2018-12-01", "--xlsx", str(tmp_path / "verdicts.xlsx")),
            ("standards", "bind", "990101000000", "shangqiu-2018", "--from", "2018-01-01"),
            check,
            ("standards", "test", "--json"),
            ("standards", "list", "--json"),
            ("standards", "show", "village_exit", "--json"),
            ("check", "no_such_standard", "--on", "2018-12-01", "--json"),
            ("check", "household_exit", "--on", "2018-02-30"),
            ("explain", "nobody"),
        )
    _, first, again, explained, text, book, bound, with_pack, tested, listed, shown, unknown, no_day, nobody = done
    document = first.document
    assert document.keys() == {"standard", "pack", "on", "draft", "tally", "subjects"}
    assert (document["standard"], document["pack"], document["on"]) == ("household_exit", "national", "2018-12-01")
    assert document["tally"]["income"] == {"not_met": 1}
    assert document["subjects"] == {
        "9901": {
            "overall": "not_met", "income": "not_met", "food": "unknown", "clothing": "unknown", "water": "met",
            "education": "not_applicable", "medical": "not_met", "housing": "met",
            "facts": {"income_per_head": "2995.00"},
        }
    }  # fmt: skip
    assert json.loads(again.out) == document
    (explanation,) = explained.document["explanations"]
    assert (explanation["overall"], explanation["differs_from_stored"]) == ("not_met", False)
    assert explanation["items"][0]["distance"] == [{"zh": "恰在限值上", "en": "exactly on the limit"}]
    assert "表中无此列，按“否”计" in text.out
    assert (book.status, (tmp_path / "verdicts.xlsx").stat().st_size > 0) == (0, True)
    assert bound.status == 0
    assert with_pack.document["pack"] == "shangqiu-2018"
    assert [each["pack"] for each in tested.document["packs"] if each["failed"] or each["probe"]] == []
    shipped = {
        "data-quality",
        "industry",
        "jincheng-2020",
        "monitoring-2021",
        "national",
        "policies",
        "shangqiu-2018",
        "water",
    }
    for document in (tested.document, listed.document):
        assert shipped <= {pack["pack"] for pack in document["packs"]}
    assert len(shown.document["items"]) == 12
    for refused in (unknown, no_day, nobody):
        assert (refused.status, refused.out) == (2, "")
        assert refused.err
