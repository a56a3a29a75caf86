"""What may be done with matters. None of those of petitions is named view_: no pattern of a role opens them."""

from tuopin.core.language.catalogue import Title
from tuopin.platform.permissions import Permission

VIEW = "orders.view_matter"
ISSUE = "orders.issue_matter"
HANDLE = "orders.handle_matter"
VERIFY = "orders.verify_matter"
PETITIONS = "orders.keep_petition"
HANG = "orders.hang_sign"

PERMISSIONS = (
    Permission(VIEW, Title("查看指令与问题", "view directives and problems")),
    Permission(ISSUE, Title("交办、改派、延期、销号", "issue, reassign, extend and close matters")),
    Permission(HANDLE, Title("签收、办理、报结、上报", "sign for, handle, report done or up")),
    Permission(HANG, Title("挂牌、换督战人、摘牌", "hang signs over what lies below, and take them off")),
    Permission(VERIFY, Title("核实、回头看", "verify and look back")),
    Permission(PETITIONS, Title("登记、转办、答复信访件", "take in, pass on and answer petitions")),
)
