"""The pages of duties in the navigation."""

from __future__ import annotations

from tuopin.core.language.catalogue import Title
from tuopin.platform.navigation import Entry

from .permissions import MAKE_ACCOUNTS

ENTRIES = (
    Entry(
        "helper_accounts", Title("帮扶人账号", "Helpers’ accounts"), "duties:helper_accounts", 81, MAKE_ACCOUNTS,
        takes_area=False, group="system",
    ),
)  # fmt: skip
