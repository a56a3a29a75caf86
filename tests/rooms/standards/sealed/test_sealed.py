"""Judging from a seal: the same rows as at sealing time, for good; what cannot be read is refused by name."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest

from county import areas, household, households, person, take, taken, write
from tuopin.platform.access import local_admin
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.seals import services as seals
from tuopin.platform.seals.selectors import folder_of
from tuopin.standards.models import Evaluation, SealedEvaluation, Verdict
from tuopin.standards.sealed import files, services
from tuopin.standards.services import evaluate

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)

DAY = datetime.date(2018, 12, 1)


@pytest.fixture
def county(tmp_path: Path, settings: Any) -> Path:
    """Two villages in two townships, four households."""
    areas(tmp_path)
    households(
        tmp_path,
        household("9901"),
        household("9902", person("990201"), person("990202", 是否参加城乡居民基本医疗保险="否"), 工资性收入="20000"),
        household("9903", 脱贫属性="未脱贫", 工资性收入=""),
        household("9904", 镇="西乡", 村="丙村委会", 脱贫属性="注销"),
    )
    write(
        tmp_path / "脱贫核查.csv",
        (
            {"户编号": code, "户主姓名": "张三", "不愁吃": "是", "不愁穿": "是", "核查日期": "2018-11-20"}
            for code in ("9901", "9902", "9903")
        ),
    )
    taken("sealed_county", tmp_path)
    return tmp_path


def asked(seal: int, **options: Any) -> services.Asked:
    return services.Asked(seal, **({"standard": "household_exit", "day": DAY} | options))


def rows_of(evaluation: Evaluation) -> list[tuple[int, str, str]]:
    return sorted(Verdict.objects.filter(evaluation=evaluation).values_list("subject_id", "letters", "shown"))


def sealed_rows(row: SealedEvaluation) -> list[tuple[int, str, str]]:
    return sorted((number, letters, shown) for chunk in files.rows(row.digest) for number, _a, letters, shown in chunk)


def test_a_seal_gives_row_by_row_what_was_stored_and_goes_on_giving_it(county: Path) -> None:
    stored = evaluate(local_admin(), "household_exit", day=DAY)
    number = seals.seal(local_admin()).number
    first = services.evaluate(local_admin(), asked(number))
    assert sealed_rows(first) == rows_of(stored)
    assert first.tally == stored.tally
    assert (first.pack, first.parameter_hash) == (stored.pack, stored.parameter_hash)
    (source,) = first.sources
    assert (source["number"], source["data_version"]) == (number, stored.data_version)
    assert len(source["digest"]) == 64
    assert first.facts["household_income"] == ["2018-12-01", "2018-12-01"]
    households(county, household("9902", 工资性收入="1"), day="2018-12-01", name="更正.csv")
    take(county / "更正.csv")
    later = evaluate(local_admin(), "household_exit", day=DAY)
    assert rows_of(later) != rows_of(stored)
    assert services.evaluate(local_admin(), asked(number)).pk == first.pk
    again = services.evaluate(local_admin(), asked(number, area="990100000000"))
    assert sealed_rows(again) == rows_of(stored)
    assert again.rows_digest == first.rows_digest
