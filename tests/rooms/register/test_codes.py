"""Lists that must agree: codes in workbooks and in the catalogue, issues that are raised and issues described."""

from __future__ import annotations

import re
from pathlib import Path

import tuopin.core.workbook
import tuopin.duties
import tuopin.measures
import tuopin.register
from tuopin.platform.catalogue import catalogue, workbook_kinds
from tuopin.register.issue_codes import issue_codes

RAISED = re.compile(r"'([a-z]+(?:_[a-z]+)+)', '(?:\{kind|household_person|\{kind\.name)")


def test_every_code_a_workbook_can_give_has_a_name_in_both_languages() -> None:
    known = {fact.name: fact for level in catalogue().levels for fact in catalogue().facts(level.name).values()}
    compared = 0
    for kind in workbook_kinds().values():
        if kind.name == "rectification":
            continue  # what problems are about is no fact of that name
        for field in kind.fields:
            fact = known.get(field.name)
            if field.type == "code" and fact is not None and not field.multiple:
                given = {*field.codes.values(), *([field.other] if field.other else [])}
                assert given <= {code for code, _title in fact.codes}, f"{kind.name}.{field.name}"
                compared += 1
    assert compared > 15


def test_every_issue_that_is_raised_is_described() -> None:
    raised = set()
    for package in (tuopin.register, tuopin.measures, tuopin.duties):
        for path in Path(next(iter(package.__path__))).rglob("*.py"):
            raised |= set(RAISED.findall(path.read_text(encoding="utf-8")))
    for path in Path(next(iter(tuopin.core.workbook.__path__))).rglob("*.py"):
        raised |= set(re.findall(r"\bBad\(\"([a-z_]+)\"\)", path.read_text(encoding="utf-8")))
    assert {"duplicate_row", "member_missing", "payment_twice", "two_live_helpers"} <= raised
    assert raised <= issue_codes().keys()
