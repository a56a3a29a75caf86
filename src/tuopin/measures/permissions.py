"""What may be done with measures."""

from tuopin.core.language.catalogue import Title
from tuopin.platform.permissions import Permission

VIEW = "measures.view_help"
WORK_OUT = "measures.work_out_gaps"
KEEP_PLAN = "measures.keep_plan"
KEEP_WORKSHEET = "measures.keep_worksheet"
KEEP_PROJECT = "measures.keep_project"
KEEP_LIVELIHOOD = "measures.keep_livelihood"

PERMISSIONS = (
    Permission(VIEW, Title("查看帮扶政策和发放", "view policies and payments")),
    Permission(KEEP_PLAN, Title("制定帮扶计划、记落实", "keep help plans")),
    Permission(KEEP_WORKSHEET, Title("填写收入明白卡、记签字", "keep income worksheets")),
    Permission(KEEP_PROJECT, Title("管理项目库和资金", "keep projects and funds")),
    Permission(KEEP_LIVELIHOOD, Title("登记带贫联结、务工、贷款、搬迁", "keep links, work, loans, relocation")),
    Permission(WORK_OUT, Title("核对应享未享", "compare entitled with received")),
)
