"""What may be done with duties."""

from tuopin.core.language.catalogue import Title
from tuopin.platform.permissions import Permission

VIEW_HELPER = "duties.view_helper"

MAKE_ACCOUNTS = "duties.make_accounts"

PERMISSIONS = (
    Permission(VIEW_HELPER, Title("查看帮扶责任人", "view helpers")),
    Permission(MAKE_ACCOUNTS, Title("为帮扶责任人建账号", "make accounts for helpers")),
)
