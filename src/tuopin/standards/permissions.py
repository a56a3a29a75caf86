"""What may be done in this room."""

from tuopin.core.language.catalogue import Title
from tuopin.platform.permissions import Permission

PERMISSIONS = (
    Permission("standards.evaluate", Title("按标准核查", "check against a standard")),
    Permission("standards.view_verdict", Title("查看判定", "see verdicts")),
    Permission("standards.bind_pack", Title("指定标准包", "bind a pack to an area")),
)
