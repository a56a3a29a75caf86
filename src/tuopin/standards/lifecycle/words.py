"""Stages, acts and kinds of open items in words, for pages, commands and the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.platform.roles import all_roles, allows

if TYPE_CHECKING:
    from collections.abc import Mapping

STAGES: Mapping[str, Title] = {
    "draft": Title("草案", "Draft"),
    "tested": Title("已测试", "Tested"),
    "confirmed": Title("已逐项确认", "Confirmed"),
    "approved": Title("已批准", "Approved"),
    "scheduled": Title("已排期", "Scheduled"),
    "in_force": Title("施行中", "In force"),
    "superseded": Title("已被取代", "Superseded"),
}

STEPS: Mapping[str, Title] = {
    "tested": Title("测试", "Test"),
    "confirmed": Title("逐项确认", "Confirm item by item"),
    "approved": Title("批准", "Approve"),
    "scheduled": Title("排期", "Schedule"),
    "in_force": Title("施行", "In force"),
    "superseded": Title("被取代", "Superseded"),
}
"""What leads to a stage."""

ACTS: Mapping[str, Title] = {
    "tested": Title("运行测试", "tests run"),
    "justified": Title("说明规则", "rule justified"),
    "confirmed": Title("确认", "confirmed"),
    "set_aside": Title("搁置", "set aside"),
    "reopened": Title("收回", "taken back"),
    "approved": Title("批准", "approved"),
    "scheduled": Title("排期", "scheduled"),
}

KINDS: Mapping[str, Title] = {
    "condition": Title("条款", "condition"),
    "value": Title("取值", "value"),
    "limit": Title("未定限值", "limit not set"),
    "waiting": Title("等待数据", "waiting for data"),
    "not_tested": Title("不参与判定", "not tested"),
}


def who_may(permission: str) -> Title:
    """The roles that hold a permission."""
    held = [role.title for key, role in all_roles().items() if allows(key, permission)]
    return Title("、".join(each.zh for each in held), ", ".join(each.en for each in held))
