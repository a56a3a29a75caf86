"""A small pack of a city's own for tests of its life cycle: one open item of each kind, in files of the data folder."""

from __future__ import annotations

import datetime
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tuopin.platform.home import home
from tuopin.standards.lifecycle import given, services
from tuopin.standards.lifecycle.services import LimitValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuopin.platform.access import Actor

COUNTY, TOWNSHIP = "990101000000", "990101100000"
PACK = "own-city"

PARAMETERS = """
[own_line]
title.zh = "本市脱贫线"
title.en = "The city's own line"
type = "money"
unit = "CNY/person/year"
open = true
within = ["0", "5000"]

[savings_line]
title.zh = "财产收入线"
title.en = "Property line"
type = "money"
unit = "CNY/year"

[[savings_line.value]]
from = 2010-01-01
value = "0"
source = "没有文件"
confidence = "guess"
"""

STANDARD = """
key = "own_exit"
title.zh = "本市脱贫标准"
title.en = "The city's exit standard"
level = "household"

[fact.income_per_head]
expr = "(wage + business + property + transfer - business_cost) / member_count"
unit = "CNY/person/year"

[[item]]
key = "line"
title.zh = "人均收入超过本市脱贫线"
title.en = "Income above the city's line"
test = "income_per_head > own_line"
source = "市文件"
confidence = "found"

[[item]]
key = "savings"
title.zh = "有财产收入"
title.en = "Some property income"
test = "property > savings_line"
source = "没有文件"
confidence = "found"

[[item]]
key = "food"
title.zh = "不愁吃"
title.en = "No worry about food"
test = "food"
source = "没有文件"
confidence = "guess"

[[not_tested]]
key = "mood"
title.zh = "精神面貌"
title.en = "Spirit"
source = "市文件"
"""

CASES = """
standard = "own_exit"

[base]
wage = "5000"
business = "0"
property = "1"
transfer = "0"
business_cost = "0"
food = true

[[base.person]]
birth_date = 1970-01-01

[[case]]
name.zh = "限值未定：未知"
name.en = "no line: unknown"
on = 2018-12-01
expect = { overall = "unknown", line = "unknown", savings = "met", food = "met" }
"""

ITEMS = ("limit:own_line", "value:savings_line@2010-01-01", "condition:own_exit.food", "not_tested:own_exit.mood")


@contextmanager
def written() -> Iterator[None]:
    """The pack stands in the data folder."""
    folder = home() / "packs" / PACK
    (folder / "cases").mkdir(parents=True)
    (folder / "pack.toml").write_text(f'key = "{PACK}"\nversion = "1"\ntitle.zh = "本市"\ntitle.en = "Own"\n')
    (folder / "parameters.toml").write_text(PARAMETERS)
    (folder / "own_exit.toml").write_text(STANDARD)
    (folder / "cases" / "households.toml").write_text(CASES)
    try:
        yield
    finally:
        shutil.rmtree(folder)
        (home() / "packs" / given.NAME).unlink(missing_ok=True)


def close_all(who: Actor) -> None:
    services.run_tests(who, PACK)
    services.confirm(who, PACK, ITEMS[0], "市政发〔2018〕1号", value=LimitValue("4000", datetime.date(2018, 1, 1)))
    services.confirm(who, PACK, ITEMS[1], "市政发〔2018〕1号第二条")
    services.confirm(who, PACK, ITEMS[2], "市政发〔2018〕1号第三条")
    services.set_aside(who, PACK, ITEMS[3], "由村干部另行记录")


def rewrite(name: str, before: str, after: str) -> None:
    path = home() / "packs" / PACK / name
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))
