"""What may be done in this room."""

from tuopin.core.language.catalogue import Title
from tuopin.platform.permissions import Permission

EVALUATE = "standards.evaluate"
VIEW = "standards.view_verdict"
BIND = "standards.bind_pack"
WAIVE = "standards.waive_finding"
COMPARE = "standards.compare"
CONFIRM = "standards.confirm_pack"
APPROVE = "standards.approve_pack"
RUN_PROCEDURE = "standards.run_procedure"
VIEW_PROCEDURE = "standards.view_procedure"
FEDERATE = "standards.federate"
VERIFY_FEDERATION = "standards.verify_federation"
RECOMPUTE = "standards.verify_figures"

PERMISSIONS = (
    Permission(EVALUATE, Title("按标准核查", "check against a standard")),
    Permission(VIEW, Title("查看判定", "see verdicts")),
    Permission(BIND, Title("指定标准包", "bind a pack to an area")),
    Permission(CONFIRM, Title("测试标准包并逐项确认", "test packs and confirm their open items")),
    Permission(APPROVE, Title("批准标准包", "approve packs that others confirmed")),
    Permission(WAIVE, Title("核实数据质量疑点", "vouch for doubts of data quality")),
    Permission(VIEW_PROCEDURE, Title("查看退出、监测程序", "see procedures")),
    Permission(RUN_PROCEDURE, Title("办理退出、监测程序", "begin procedures and record their steps")),
    Permission(RECOMPUTE, Title("按封存数据核查、复算", "judge and re-compute from seals")),
    Permission(
        VERIFY_FEDERATION, Title("查看、核对下级封存数据", "see and check other instances' seals and joint evaluations")
    ),
    Permission(FEDERATE, Title("登记下级实例并联合核查", "register other instances and evaluate them together")),
    Permission(COMPARE, Title("比较标准与试算", "compare standards and try out lines")),
)
