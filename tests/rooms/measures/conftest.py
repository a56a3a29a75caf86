"""A county with two households, and payment lists made to order."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from county import areas, household, households, person, taken

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2018, 12, 1)


@pytest.fixture
def register(tmp_path: Path) -> None:
    """9901 (甲村): 张三 and the pupil 张小; 9902 (丙村): 李四, ill, in the allowance; 9903 (乙村): blank cells."""
    folder = tmp_path / "register"
    areas(folder)
    households(
        folder,
        household(
            "9901",
            person("990101", 健康状况="健康", 劳动技能="普通劳动力"),
            person("990102", 姓名="张小", 出生日期="2006-05-01", 与户主关系="之子", 文化程度="", 在校生状况="小学",
                   健康状况="健康"),
            脱贫属性="未脱贫",
        ),
        household(
            "9902",
            person("990201", 姓名="李四", 出生日期="1950-03-01", 健康状况="患有大病", 劳动技能="丧失劳动力",
                   是否享受低保="是"),
            镇="西乡", 村="丙村委会", 脱贫属性="已脱贫",
        ),
        household("9903", person("990301", 姓名="王五", 出生日期="1960-03-01"), 村="乙村委会", 脱贫属性="未脱贫",
                  主要住房是否危房=""),
    )  # fmt: skip
    taken("measures_register", folder, as_of=DAY)
