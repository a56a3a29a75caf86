"""Undoing an import: the register is what it was before, to the last row, or the undoing is refused with a reason."""

from __future__ import annotations

import random
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.db import connection

from county import areas, household, households, person, take, write
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.models import AuditEntry
from tuopin.platform.problems import Missing, Problem
from tuopin.register import cards
from tuopin.register.importing import undo
from tuopin.register.importing.undo import undo_import
from tuopin.register.models import Household, Import, ImportChange, Membership, RejectedRow, Sheet
from tuopin.register.services import Correction, correct_households

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.db.models import Model

pytestmark = pytest.mark.django_db(transaction=True)

KEPT = {"register_import", "register_import_change", "register_import_set", "register_area_count"}


def register() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of the register and of the rooms that imports write to."""
    found = {}
    for model in (*apps.get_app_config("register").get_models(), *apps.get_app_config("duties").get_models()):
        table = model._meta.db_table
        if table not in KEPT and "count" not in table:
            columns = ", ".join(f'cast("{field.column}" as text)' for field in model._meta.concrete_fields)
            with connection.cursor() as cursor:
                cursor.execute(f'select {columns} from "{table}" order by 1')
                found[table] = cursor.fetchall()
    return found


def newest() -> int:
    return Import.objects.order_by("-pk").values_list("pk", flat=True)[0]


def helpers(folder: Path, *rows: tuple[str, str], name: str = "帮扶责任人.csv") -> Path:
    return write(
        folder / name,
        ({"户编号": code, "帮扶人姓名": helper, "帮扶开始时间": "2018-01-01"} for code, helper in rows),
        titles=["导出时间：2018-12-01"],
    )


def first(folder: Path) -> None:
    rows = households(
        folder,
        household("9901", person("990101"), person("990102", 与户主关系="配偶", 性别="女")),
        household("9902", person("990201"), 工资性收入="很多"),
        household("9903", person("990301"), 村="没有的村"),
    )
    take(areas(folder), rows, helpers(folder, ("9901", "李干部"), ("9904", "王干部")))


def _same_again(folder: Path) -> list[Path]:
    return [folder / "户人信息.csv"]


def _everything_changes(folder: Path) -> list[Path]:
    rows = households(
        folder,
        household("9901", person("990101", 姓名="张三丰"), 村="乙村委会", 脱贫属性="返贫", 工资性收入="1"),
        household("9902", person("990201"), person("990102", 与户主关系="之女", 性别="女"), 工资性收入="2000"),
        household("9904", person("990401"), person("990402", 与户主关系="之子")),
        household("9905", person("990501"), 村="没有的村"),
        day="2019-06-01",
        name="新.csv",
    )
    return [rows, helpers(folder, ("9901", "赵干部"), ("9999", "钱干部"), name="帮.csv")]


def _same_day(folder: Path) -> list[Path]:
    return [households(folder, household("9901", person("990101")), household("9902", person("990201")), name="改.csv")]


def _an_older_export(folder: Path) -> list[Path]:
    return [
        households(
            folder, household("9901", 脱贫属性="预脱贫", 村="丙村委会", 镇="西乡"), day="2017-01-01", name="旧.csv"
        )
    ]


def _areas_change(folder: Path) -> list[Path]:
    rows = [
        ("990101100201", "甲新村委会", "village", "990101100000"),
        ("990101101299", "丁村委会", "village", "990101101000"),
    ]
    return [write(folder / "d.csv", (dict(zip(("code", "name", "level", "parent"), row, strict=True)) for row in rows))]


@pytest.mark.parametrize(
    "second",
    [_same_again, _everything_changes, _same_day, _an_older_export, _areas_change],
    ids=lambda made: made.__name__,
)
def test_after_an_undo_the_register_is_what_it_was(tmp_path: Path, second: Callable[[Path], list[Path]]) -> None:
    first(tmp_path)
    before = register()
    take(*second(tmp_path))
    done = undo_import(local_admin(), newest())
    assert register() == before
    assert done.deleted > 0
    record = Import.objects.get(pk=newest())
    assert record.undone_at is not None
    assert not ImportChange.objects.filter(run=record).exists()
    assert AuditEntry.objects.filter(action="register.undo_import", subject=f"import:{record.pk}").count() == 1


def test_the_import_before_can_be_undone_next_down_to_nothing(tmp_path: Path) -> None:
    empty = register()
    first(tmp_path)
    for second in (_everything_changes, _same_again, _areas_change):
        take(*second(tmp_path))
    for number in Import.objects.order_by("-pk").values_list("pk", flat=True):
        undo_import(local_admin(), number)
    assert register() == empty
    first(tmp_path)  # and the same can be imported again
    assert Household.objects.count() == 2


@pytest.mark.parametrize("seed", range(6))
def test_any_two_imports(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)

    def some(day: str, name: str) -> Path:
        groups = []
        for number in chance.sample(range(1, 9), 5):
            people = [
                person(
                    f"99{chance.randrange(1, 9):02d}{order:02d}",
                    性别=chance.choice("男女"),
                    姓名=chance.choice("甲乙丙"),
                )
                for order in range(1, chance.randrange(2, 4))
            ]
            groups.append(
                household(
                    f"99{number:02d}", *people, 村=chance.choice(("甲村委会", "乙村委会", "无")), 户主姓名="户主",
                    脱贫属性=chance.choice(("已脱贫", "未脱贫", "?")), 工资性收入=chance.choice(("1", "2", "x", "")),
                )
            )  # fmt: skip
        return households(tmp_path, *groups, day=day, name=name)

    take(areas(tmp_path), some("2018-12-01", "a.csv"))
    before = register()
    assert cards.wrong() == 0
    take(some(chance.choice(("2017-01-01", "2018-12-01", "2019-12-01")), "b.csv"))
    assert cards.wrong() == 0
    undo_import(local_admin(), newest())
    assert register() == before
    assert cards.wrong() == 0


def test_a_crash_half_way_leaves_the_import_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first(tmp_path)
    before = register()
    take(*_everything_changes(tmp_path))
    after = register()
    calls = []

    def crash(table: str, block: Any) -> int:
        calls.append(table)
        if len(calls) > 4:
            raise KeyboardInterrupt
        return whole(table, block)

    whole = undo._delete
    monkeypatch.setattr(undo, "_delete", crash)
    with pytest.raises(KeyboardInterrupt):
        undo_import(local_admin(), newest())
    assert register() == after
    monkeypatch.undo()
    undo_import(local_admin(), newest())
    assert register() == before


def reasons(number: int) -> str:
    with pytest.raises(Problem, match="cannot_undo") as refused:
        undo_import(local_admin(), number)
    return refused.value.zh


def test_what_was_built_on_it_stands_in_the_way(tmp_path: Path) -> None:
    first(tmp_path)
    oldest = newest()
    take(*_everything_changes(tmp_path))
    assert "之后还有一次导入" in reasons(oldest)
    correct_households(local_admin(), [Correction("9901", "wage", 5)], as_of=date(2019, 6, 1))
    assert "更正" in reasons(newest()) or "变动" in reasons(newest())


def test_a_second_undo_a_grant_and_an_old_import_are_refused(tmp_path: Path) -> None:
    first(tmp_path)
    user = accounts.add_user(local_admin(), "li", "korrekt-pferd-batterie", must_change=False)[0]
    accounts.grant_by_code(local_admin(), user, "county", "area", "990101000000")
    assert "授权" in reasons(newest())
    Import.objects.update(version_after=None)
    assert "旧版本" in reasons(newest())


def test_an_evaluation_stands_in_the_way(tmp_path: Path) -> None:
    from django.utils import timezone

    from tuopin.standards.models import Evaluation

    first(tmp_path)
    now = timezone.now()
    Evaluation.objects.create(
        standard="household_exit", level="household", pack="p", pack_version="1", pack_digest="", parameter_hash="",
        data_version=1, digest="", day=date(2018, 12, 1), actor="x", started_at=now, finished_at=now, items=[],
        shown=[], draft=[], tally={},
    )  # fmt: skip
    assert "判定" in reasons(newest())


def test_only_who_may_see_it_may_undo_it(tmp_path: Path) -> None:
    first(tmp_path)
    user = accounts.add_user(local_admin(), "li", "korrekt-pferd-batterie", must_change=False)[0]
    accounts.grant_by_code(local_admin(), user, "township", "area", "990101101000")
    with pytest.raises(Missing):
        undo_import(actor_for(user), newest())
    assert Import.objects.get(pk=newest()).undone_at is None


def test_many_rows_are_undone_with_indexes_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undo, "_MANY", 1)
    first(tmp_path)
    before = register()
    take(*_everything_changes(tmp_path))
    undo_import(local_admin(), newest())
    assert register() == before
    with connection.cursor() as cursor:
        listed = connection.introspection.get_constraints(cursor, Membership._meta.db_table)
    assert not [name for name in listed if name.startswith("undo_")]
    assert not Sheet.objects.filter(run=newest()).exists()
    assert not RejectedRow.objects.filter(sheet__run=newest()).exists()


def test_every_column_that_refers_to_what_goes_is_indexed_meanwhile() -> None:
    """Those without a name back (``related_name="+"``) too: without an index each row that goes costs a whole table."""
    tables = ("register_household", "register_person", "register_sheet", "duties_official")
    bare = {
        (model._meta.db_table, field.column): field.related_model._meta.db_table
        for model in apps.get_models()
        for field in model._meta.local_fields
        if model._meta.managed
        and field.is_relation
        and field.related_model._meta.db_table in tables  # type: ignore[union-attr]
        and not _begins_an_index(model, field.name)
    }
    found = {column: table for table in tables for column in undo._referring(table)}
    assert found == bare
    assert ("register_household_profile", "household_id") in found


def _begins_an_index(model: type[Model], name: str) -> bool:
    """Whether the database has an index or key that begins with a field and holds every row."""
    field = model._meta.get_field(name)
    parts = {each.name for each in (*model._meta.indexes, *model._meta.constraints) if getattr(each, "condition", None)}
    with connection.cursor() as cursor:
        held = connection.introspection.get_constraints(cursor, model._meta.db_table)
    return any(
        each["columns"][:1] == [field.column]  # type: ignore[union-attr]
        for key, each in held.items()
        if (each["index"] or each["unique"] or each["primary_key"]) and key not in parts and each["columns"]
    )
