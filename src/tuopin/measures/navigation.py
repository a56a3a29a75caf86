"""The pages of measures in the navigation."""

from __future__ import annotations

from tuopin.core.language.catalogue import Title
from tuopin.platform.navigation import Entry

from .permissions import VIEW

ENTRIES = (
    Entry(
        "progress", Title("帮扶计划", "Help plans"), "measures:progress", 35, VIEW,
        within=("measures:measures", "measures:plan"), group="measures",
    ),
    Entry(
        "worksheets", Title("收入明白卡", "Income worksheets"), "measures:worksheets", 35, VIEW,
        within=("measures:worksheet",), group="measures",
    ),
    Entry(
        "projects", Title("项目和资金", "Projects and funds"), "measures:projects", 37, VIEW,
        within=("measures:project_list", "measures:project", "measures:new_project", "measures:funds"),
        group="measures",
    ),
    Entry(
        "gaps", Title("应享未享", "Entitlements"), "measures:gaps", 36, VIEW,
        within=("measures:gap_list", "measures:payments", "measures:policies"), group="measures",
    ),
    Entry(
        "livelihood", Title("产业就业", "Livelihood"), "measures:livelihood", 38, VIEW,
        within=("measures:household_livelihood", "measures:enterprises", "measures:new_enterprise",
                "measures:enterprise", "measures:links", "measures:dividends", "measures:work", "measures:loans",
                "measures:relocations"), group="measures",
    ),
)  # fmt: skip
