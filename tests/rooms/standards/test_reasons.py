"""The short reason beside a verdict, in a workbook and in lists, agrees with the verdicts and with the explanation."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

from county import areas, household, households, person, taken
from tuopin.platform.access import local_admin
from tuopin.register.models import Household
from tuopin.standards.explain import explain
from tuopin.standards.models import Verdict
from tuopin.standards.reasons import Reasons, prepared_of
from tuopin.standards.services import evaluate
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
