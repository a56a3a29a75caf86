"""No cell is longer than the column it goes to: SQLite would take it, PostgreSQL end the whole import."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.apps import apps

from county import areas, household, households, person
from tuopin.platform.access import local_admin
from tuopin.platform.catalogue import workbook_kinds
from tuopin.register.importing.services import import_paths
from tuopin.register.models import DataIssue, Household

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)

ELSEWHERE = {"helper_name": "name", "household_code": "code", "person_code": "code", "member_phone": "member_phone"}


GOES_TO = {
    "helper": ("duties.Assignment",),
    "opinion": ("duties.Opinion",),
    "roster": ("duties.Official", "duties.Post", "duties.Term"),
    "visit": ("duties.Visit",),
    "disbursement": ("measures.FundMove",),
    "dividend": ("measures.Dividend",),
    "enterprise": ("measures.EnterpriseVersion", "measures.EnterpriseRisk"),
    "enterprise_link": ("measures.EnterpriseLink",),
    "loan": ("measures.Loan",),
    "payment": ("measures.Payment",),
    "project": ("measures.ProjectVersion",),
    "relocation": ("measures.Relocation",),
    "work": ("measures.Work",),
}
"""The tables of kinds of workbooks whose room has columns of one name and several lengths."""


CHECKED_FIRST = {("enterprise", "credit_code")}  # kept only where its eighteen signs are right


def _lengths(kind: str) -> dict[str, int]:
    """The columns that a kind's texts go to, by name: the shortest of a name."""
    named = GOES_TO.get(kind)
    models = [apps.get_model(name) for name in named] if named else apps.get_app_config("register").get_models()
    columns: dict[str, int] = {}
    for model in models:
        if model.__name__ in {"DataIssue", "DraftLine", "RejectedRow"}:  # hold words about any field
            continue
        for column in model._meta.get_fields():
            if length := getattr(column, "max_length", None):
                columns[column.name] = min(length, columns.get(column.name, length))
    return columns


def test_every_text_of_a_workbook_fits_its_column() -> None:
    checked, long = 0, []
    for kind in workbook_kinds().values():
        columns = _lengths(kind.name)
        for field in kind.fields:
            name = ELSEWHERE.get(field.name, field.name)
            if field.type in {"text", "identifier"} and name in columns and name != "code":
                long += [(kind.name, field.name)] if field.longest > columns[name] else []
                checked += 1
    assert set(long) <= CHECKED_FIRST
    assert checked > 50


def test_cells_of_any_length_stop_no_import(tmp_path: Path) -> None:
    long = "长" * 400
    areas(tmp_path)
    rows = household(
        "9901", person("990101", 姓名="王一", 证件类型=long, 工作单位=long, 政治面貌="群众"), 开户银行名称=long
    )
    households(tmp_path, rows)
    import_paths(local_admin(), [tmp_path])
    assert Household.objects.filter(code="9901").exists()
    found = set(DataIssue.objects.filter(code="too_long", closed_at=None).values_list("column", flat=True))
    assert len(found) >= 1, found
    assert all(len(value) <= 255 for value in DataIssue.objects.values_list("value", flat=True))


def test_a_code_too_long_is_no_household(tmp_path: Path) -> None:
    areas(tmp_path)
    households(tmp_path, household("9" * 80, person("990101")), household("9902", person("990201")))
    import_paths(local_admin(), [tmp_path])
    assert list(Household.objects.values_list("code", flat=True)) == ["9902"]
