"""Three households in two townships, one village's record, and a clerk of the eastern one.

What needs Django is imported inside: this file is read before Django is set up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from county import areas, household, households, person, take, write

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client


@pytest.fixture
def county(tmp_path: Path) -> None:
    from snapshots import restored

    village = {"县": "示范县", "镇": "东乡", "村": "甲村委会", "总户数": "100", "总人口数": "400"}
    exported = [
        areas(tmp_path),
        households(
            tmp_path / "a",
            household("9901", person("990101"), person("990102", 姓名="张小", 与户主关系="之子")),
            household("9902", person("990201", 姓名="李四"), 户主姓名="李四", 工资性收入="一万多"),
            household("9903", person("990301", 姓名="王五", 证件号码="123"), 户主姓名="王五", 镇="西乡", 村="丙村委会"),
        ),
    ]
    village_record = write(tmp_path / "村信息.csv", [village], titles=["导出时间：2018-12-01"])

    def made() -> None:
        take(*exported)
        take(village_record)

    restored("county_to_correct", made)


@pytest.fixture
def clerk(county: None) -> Client:
    from people import signed_in
    from rooms.register.correcting.steps import user

    return signed_in(user("clerk"))
