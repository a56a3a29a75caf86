"""Projects and funds of the demo's first county: in every state, with one finding of each kind."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tuopin.platform.database import write
from tuopin.register import selectors as register
from tuopin.register.demo.areas import FIRST_COUNTY
from tuopin.register.demo.streams import DAY
from tuopin.register.models import AreaVersion, HouseholdCard

from .benefits import Given, add
from .models import Project
from .services import Draft, Move, accept, keep, move, open_fund

if TYPE_CHECKING:
    from tuopin.platform.access import Actor

_YEAR = DAY.year
_KINDS = (
    ("industry", "食用菌大棚", "新建大棚 5 座，入股分红", 30_000_000),
    ("industry", "扶贫车间", "厂房 300 平方米", 24_000_000),
    ("water", "安全饮水巩固提升", "管网 2 公里，入户 80 户", 18_000_000),
    ("other", "村内道路", "硬化道路 1.2 公里", 36_000_000),
    ("home", "改厕改厨", "60 户", 9_000_000),
    ("housing", "危房改造", "C 级维修 12 户", 14_400_000),
)
_FUNDS = (("central", "中央财政专项扶贫资金", 300_000_000), ("province", "省级财政专项扶贫资金", 150_000_000),
          ("integrated", "统筹整合涉农资金", 60_000_000))  # fmt: skip


def fill(actor: Actor) -> None:
    """Projects by the services; nothing where there is one already."""
    with write():  # whole or not at all: what is half there would never be made up for
        _fill(actor)


def _fill(actor: Actor) -> None:
    county = register.area_id_of(FIRST_COUNTY)
    if Project.objects.exists() or county is None:
        return
    low, high = register.subtree(register.area(actor, FIRST_COUNTY))
    villages = AreaVersion.objects.filter(level="village", path__gte=low, path__lt=high, valid_to=None).order_by("code")
    drafts = [
        Draft(
            f"{_YEAR}-{at + 1:03d}", _YEAR, f"{village.name}{_KINDS[at % 6][1]}", _KINDS[at % 6][0], village.area_id,
            _KINDS[at % 6][2], "乡政府", "财政专项", _KINDS[at % 6][3], date(_YEAR, 3, 1),
            date(_YEAR, 10, 31) if at % 3 else date(_YEAR + 1, 6, 30), 10 + at,
        )
        for at, village in enumerate(villages[:24])
    ]  # fmt: skip
    if not drafts:
        return
    numbers = [row.project_id for row in keep(actor, drafts)]
    funds = [open_fund(actor, area_id=county, year=_YEAR, tier=tier, name=name).pk for tier, name, _fen in _FUNDS]
    move(actor, [_in(fund, fen, at) for at, (fund, (_t, _n, fen)) in enumerate(zip(funds, _FUNDS, strict=True))])
    moves = list(_moves(numbers, drafts, funds))
    move(actor, moves)
    done = {at: key for at, key in enumerate(numbers) if at % 4 == 1}
    if done:  # not where the county has one village
        accept(actor, list(done.values()), date(_YEAR, 9, 20), passed=True, document=f"县验〔{_YEAR}〕12号")
        move(actor, [
            Move("paid", (drafts[at].cost or 0) * 7 // 10, date(_YEAR, 10, 15), funds[at % 3], key, f"支付令 {at}-2",
                 "县建筑工程公司")
            for at, key in done.items()
        ])  # fmt: skip
    for at, (key, draft) in enumerate(zip(numbers, drafts, strict=True)):
        here = HouseholdCard.objects.filter(area_id=draft.area_id, registration="registered").order_by("code")
        codes = list(here.values_list("code", flat=True)[:8])
        if codes and at % 8 != 5:
            add(actor, key, [Given(code, 60_000 if draft.sort == "industry" else None, "") for code in codes])


def _in(fund: int, fen: int, at: int) -> Move:
    return Move("in", fen, date(_YEAR, 2, 20), fund, None, f"财农〔{_YEAR}〕{at + 1}号")


def _moves(numbers: list[int], drafts: list[Draft], funds: list[int]) -> list[Move]:
    """Three projects of four get money; some of them a payment beyond what may be advanced."""
    made = []
    for at, (key, draft) in enumerate(zip(numbers, drafts, strict=True)):
        if at % 4 == 3:
            continue
        cost = draft.cost or 0
        made.append(Move("allocated", cost, date(_YEAR, 4, 1), funds[at % 3], key, f"县财〔{_YEAR}〕{at}号"))
        share = 30 if at % 4 == 1 else 60 if at % 6 == 0 else 20
        made.append(Move("paid", cost * share // 100, date(_YEAR, 5, 15), funds[at % 3], key, f"支付令 {at}-1",
                         "县建筑工程公司"))  # fmt: skip
    return made
