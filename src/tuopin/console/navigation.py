"""The console's pages in the main navigation, and the search box of every page."""

from __future__ import annotations

from tuopin.core.language.catalogue import Title
from tuopin.platform.navigation import Entry, Search

ENTRIES = (
    Entry(
        "home", Title("首页", "Home"), "console:home", 0, takes_area=False, within=("console:area", "console:results")
    ),
    Entry(
        "standards",
        Title("标准", "Standards"),
        "console:packs",
        60,
        takes_area=False,
        within=("console:standard", "console:cases"),
    ),
)

SEARCH = Search("console:find", Title("户编号或区划代码", "Household or area code"))
