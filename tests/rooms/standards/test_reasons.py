"""The short reason beside a verdict, in a workbook and in lists, agrees with the verdicts and with the explanation."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from county import areas, household, households, person, taken
from tuopin.platform.access import SENSITIVE, local_admin
from tuopin.register.models import Household
from tuopin.standards.explaining.masking import HIDDEN, masked
from tuopin.standards.explaining.reasons import Reasons, prepared_of
from tuopin.standards.explaining.subject import explain
from tuopin.standards.models import Verdict
from tuopin.standards.packs import get_prepared
from tuopin.standards.services import evaluate
from tuopin.standards.telling import worked_out
from tuopin.standards.workbook import write_verdicts

if TYPE_CHECKING:
    from pathlib import Path

    from tuopin.standards.models import Evaluation

pytestmark = pytest.mark.django_db(transaction=True)

DAY = datetime.date(2018, 12, 1)


@pytest.fixture
def run(tmp_path: Path) -> Evaluation:
    areas(tmp_path)
    households(
        tmp_path,
        household("9901", 工资性收入="2683"),
        household("9902", person("990201", 是否参加城乡居民基本医疗保险="否"), 工资性收入=""),
        household("9903", 脱贫属性="注销"),
    )
    taken("reasons", tmp_path)
    return evaluate(local_admin(), "household_exit", day=DAY, pack="shangqiu-2018")


def test_what_is_not_met_comes_with_the_distance_of_the_explanation(run: Evaluation, tmp_path: Path) -> None:
    reasons = Reasons(run, prepared_of(run))
    rows = {row.subject_id: row for row in Verdict.objects.filter(evaluation=run)}
    texts = {
        code: reasons.of(rows[key].letters, rows[key].shown)
        for key, code in Household.objects.values_list("pk", "code")
    }
    first, second = texts["9901"], texts["9902"]
    assert first is not None
    assert second is not None
    assert first.zh.startswith("未达标：收入（还差 312.00 元）；未知：吃、穿")
    assert first.en.startswith("not met: income (312.00 yuan short); unknown: food, clothing")
    assert second.zh.startswith("未达标：医疗；未知：收入、")
    assert texts["9903"] is None
    (explained,) = explain(local_admin(), "9901")
    assert [each.zh for each in explained.explanation.items[0].distances] == ["还差 312.00 元"]
    assert [each.zh for each in explained.explanation.items[0].turns] == ["合计再增加 312.01 元即达标"]
    import python_calamine

    for language, head, text in (("zh", "原因", first.zh), ("en", "Reason", first.en)):
        path = tmp_path / f"{language}.xlsx"
        write_verdicts(local_admin(), run, str(path), language)
        sheet = python_calamine.load_workbook(str(path)).get_sheet_by_index(0).to_python()
        assert (sheet[1][-1], sheet[2][-1]) == (head, text)


def test_a_pack_that_is_gone_leaves_the_keys(run: Evaluation) -> None:
    found = Reasons(run, None).of("nnmmmmmm"[: len(run.items) + 1], "")
    assert found is not None
    assert found.zh == "未达标：income"


def test_a_limit_without_unit_is_a_rate_only_if_it_has_decimals(run: Evaluation) -> None:
    prepared = prepared_of(run)
    assert prepared is not None
    (name,) = [each.test.root.right.name for each in prepared.standard.items if each.key == "income"]  # type: ignore[union-attr]
    row = Verdict.objects.get(evaluation=run, subject_id=Household.objects.get(code="9901").pk)
    for kind, said in (("integer", "收入（还差 312）"), ("decimal", "收入（还差 31200.00 个百分点）")):
        plain = replace(prepared.pack.parameters[name], unit="", type=kind)
        pack = replace(prepared.pack, parameters={**prepared.pack.parameters, name: plain})
        text = Reasons(run, replace(prepared, pack=pack)).of(row.letters, row.shown)
        assert text is not None
        assert said in text.zh


def test_no_number_is_told_that_is_worked_out_of_a_closed_class(run: Evaluation) -> None:
    prepared = get_prepared("data-quality", "household_quality", DAY)
    open_ = frozenset({"general", "identity", "disability", "bank", "child"})
    assert "illness_no_cost" in worked_out(prepared, open_)
    assert not worked_out(prepared, SENSITIVE | {"general"})
    (explained,) = explain(local_admin(), "9901")
    (income, *others) = masked(explained.explanation, SENSITIVE, frozenset(), frozenset({"income"})).items
    before = explained.explanation.items[0]
    assert (before.key, bool(before.distances), bool(before.turns), bool(before.named)) == ("income", True, True, True)
    assert (income.distances, income.turns, {each.value for each in income.named}) == ((), (), {HIDDEN})
    assert income.verdict == before.verdict
    assert [each.named for each in others] == [each.named for each in explained.explanation.items[1:]]
