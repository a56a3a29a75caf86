"""What may be done in this room."""

from tuopin.core.language.catalogue import Title
from tuopin.platform.permissions import Permission

EVALUATE = "standards.evaluate"
VIEW = "standards.view_verdict"
BIND = "standards.bind_pack"

PERMISSIONS = (
    Permission(EVALUATE, Title("按标准核查", "check against a standard")),
    Permission(VIEW, Title("查看判定", "see verdicts")),
    Permission(BIND, Title("指定标准包", "bind a pack to an area")),
)
