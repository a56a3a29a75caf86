"""The pages of orders in the navigation."""

from __future__ import annotations

from tuopin.core.language.catalogue import Title
from tuopin.duties.permissions import HOLD_LEAD
from tuopin.platform.navigation import Entry

from .permissions import PETITIONS, VERIFY, VIEW

ENTRIES = (
    Entry(
        "inbox", Title("我的办件", "My inbox"), "orders:inbox", 20, VIEW, takes_area=False, group="orders",
        within=("orders:matter", "orders:act", "orders:matter_paper", "orders:papers", "orders:new_paper",
                "orders:alike"),
    ),
    Entry(
        "alike", Title("举一反三", "Like for like"), "orders:alike_mine", 21, VIEW, takes_area=False, group="orders",
        within=("orders:alike_one",),
    ),
    Entry(
        "matters", Title("指令与问题", "Directives and problems"), "orders:matters", 21, VIEW, group="orders",
        within=("orders:new_matter", "orders:new_family", "orders:bulk"),
    ),
    Entry("early", Title("提前回头看", "Early look-backs"), "orders:early", 23, VERIFY, takes_area=False,
          group="orders"),
    Entry("matter_board", Title("办理看板", "Board"), "orders:board", 22, VIEW, group="orders"),
    Entry("matter_heat", Title("逾期热表", "Heat table"), "orders:heat", 23, VIEW, group="orders"),
    Entry(
        "ledger", Title("整改台账", "Rectification ledger"), "orders:ledger", 23, VIEW, group="orders",
        within=("orders:ledger_report", "orders:ledger_sums"),
    ),
    Entry(
        "hung", Title("挂牌督战", "Hung signs"), "orders:hung", 24, VIEW, group="orders",
        within=("orders:hang", "orders:hung_sign"),
    ),
    Entry(
        "numbers", Title("发文登记", "Papers and numbers"), "orders:numbers", 24, VIEW, takes_area=False,
        group="orders", within=("orders:paper", "orders:write_paper"),
    ),
    Entry(
        "petitions", Title("信访", "Petitions"), "orders:petitions", 26, PETITIONS, takes_area=False, group="orders",
        within=(
            "orders:new_petition", "orders:petition", "orders:petition_letter", "orders:hotline",
            "orders:petition_erasing",
        ),
    ),
    Entry(
        "lead_proposals", Title("线索建议", "Proposed leads"), "orders:lead_proposals", 41, HOLD_LEAD, takes_area=False,
        group="duties",
    ),
)  # fmt: skip
