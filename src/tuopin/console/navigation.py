"""The console's pages in the main navigation, and the search box of every page."""

from __future__ import annotations

from tuopin.core.language.catalogue import Title
from tuopin.platform.navigation import Entry, Search

ENTRIES = (
    Entry(
        "home", Title("首页", "Home"), "console:home", 0, takes_area=False, within=("console:area", "console:results")
    ),
    Entry(
        "households", Title("户名单", "Households"), "console:my_households", 10, "register.view_household",
        within=("console:households", "console:persons", "console:household"),
    ),
    Entry(
        "villages", Title("村名单", "Villages"), "console:my_villages", 20, "register.view_area",
        within=("console:villages",), group="register",
    ),
    Entry(
        "standards",
        Title("标准", "Standards"),
        "console:packs",
        60,
        takes_area=False,
        within=("console:standard", "console:cases", "standards:pack", "standards:pack_item"),
        group="standards",
    ),
)  # fmt: skip

SEARCH = Search("console:find", Title("姓名、户编号、证件号后几位、区划", "Name, household, last digits of ID, area"))
