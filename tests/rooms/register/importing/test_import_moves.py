"""What follows a household that an import moves: its open issues go to the new village's readers, and come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from county import areas, household, households, take
from tuopin.platform.access import local_admin
from tuopin.register.importing.undo import undo_import
from tuopin.register.models import AreaVersion, DataIssue, Import

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)


def villages() -> set[str]:
    """Where the open issues of the household stand."""
    places = DataIssue.objects.filter(subject="9901", closed_at=None).values("area_id")
    assert places
    return set(AreaVersion.objects.filter(area_id__in=places, valid_to=None).values_list("name", flat=True))


def test_issues_move_with_the_household_and_back_when_the_import_is_undone(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    take(areas(tmp_path / "a"))
    bad = {"工资性收入": "一万二"}
    take(households(tmp_path / "one", household("9901", **bad)))
    assert villages() == {"甲村委会"}
    moved = household("9901", **bad, 镇="西乡", 村="丙村委会")
    take(households(tmp_path / "two", moved, day="2019-03-01"))
    assert villages() == {"丙村委会"}
    undo_import(local_admin(), Import.objects.order_by("-pk")[0].pk)
    assert villages() == {"甲村委会"}
