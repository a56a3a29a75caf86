"""What a plan is asked for: role, day, households, who may be chosen, bounds, weights. Read from a form or JSON."""

from __future__ import annotations

import dataclasses
import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tuopin.core.assignment import Weights
from tuopin.core.language.catalogue import Title
from tuopin.duties import kinds
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

ROLE = "helper"
"""The role that is planned: one at a time, of a household, of no rank of its own."""
ONLY = {
    "gaps": Title("只给没有在任帮扶人的户指派，其余不动", "only households without a live helper; all others stay"),
    "all": Title("全部重新安排（尽量少换人）", "all households anew, with few changes"),
}
STATUSES = {
    "poor": Title("未脱贫、预脱贫、返贫的户", "registered, proposed for exit, fallen back"),
    "exited": Title("以上各户和已脱贫的户（脱贫不脱责任）", "these and the exited (exit ends no duty)"),
    "every": Title("所有登记的户", "every household on record"),
}
VALUES = {
    "poor": ("registered", "exit_proposed", "returned"),
    "exited": ("registered", "exit_proposed", "returned", "exited"),
}
POOLS = {
    "area": Title("本区域内全部干部", "all officials of the area"),
    "units": Title("下列单位的干部", "officials of these units"),
    "list": Title("下列干部", "these officials"),
}
REACH = {
    3: Title("不限", "everywhere"),
    2: Title("只在本县", "in the own county"),
    1: Title("只在本乡镇", "in the own township"),
}
MOST = 1_000
"""The largest bound of a form."""
HEAVIEST = 100
_LINES = 5_000
_AHEAD = datetime.timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Asked:
    """``bounds``: by level of the post ('' = all others and unknown) the least and most households of an official, all
    duties in the role counted. ``names``: units, or officials as “name” or “name unit”, of the pool. ``reach``: how
    many steps off a household may live. ``area``: its code."""

    area: str
    day: datetime.date
    only: str
    statuses: str
    pool: str
    names: tuple[str, ...]
    bounds: Mapping[str, tuple[int, int]]
    reach: int
    weights: Weights
    role: str = ROLE

    def document(self) -> dict[str, Any]:
        """As JSON."""
        found = dataclasses.asdict(self)
        found["day"] = self.day.isoformat()
        found["bounds"] = {key: list(each) for key, each in self.bounds.items()}
        found["names"] = list(self.names)
        return found

    def of(self, level: str) -> tuple[int, int]:
        """Least and most of an official with a post of this level."""
        return self.bounds.get(level, self.bounds[""])


def asked(given: Mapping[str, Any]) -> Asked:
    """The request from a form, the API or its own document. Raises Problem for what cannot be."""
    weights = given.get("weights") or {}
    if not isinstance(weights, dict) or not isinstance(given.get("bounds"), dict):
        raise _bad()
    usual = dataclasses.asdict(Weights())
    bounds = {}
    for level, pair in given["bounds"].items():
        if level and level not in kinds.levels():
            raise _bad()
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            raise _bad()
        least, most = (_number(each, 0, MOST) for each in pair)
        if least > most:
            raise Problem("bad_bounds", "下限不能大于上限。", "The minimum must not be above the maximum.")
        bounds[level] = (least, most)
    if "" not in bounds or set(weights) - set(usual):
        raise _bad()
    names = given.get("names") or ()
    if not isinstance(names, (list, tuple)) or len(names) > _LINES or not all(isinstance(each, str) for each in names):
        raise _bad()
    return Asked(
        area=str(given.get("area", ""))[:64],
        day=_day(given.get("day")),
        only=_chosen(given.get("only"), ONLY),
        statuses=_chosen(given.get("statuses"), STATUSES),
        pool=_chosen(given.get("pool"), POOLS),
        names=tuple(dict.fromkeys(cleaned for each in names if (cleaned := each.replace("\0", "").strip()[:300]))),
        bounds=bounds,
        reach=_number(given.get("reach", 3), 1, 3),
        weights=Weights(**{key: _number(weights.get(key, value), 0, HEAVIEST) for key, value in usual.items()}),
        role=_chosen(given.get("role", ROLE), {ROLE: kinds.role(ROLE).title}),
    )


def _day(value: object) -> datetime.date:
    today = timezone.localdate()
    try:
        day = datetime.date.fromisoformat(str(value).strip()[:10])
    except ValueError:
        raise Problem("bad_date", "日期应写作 2018-12-01。", "Write the date as 2018-12-01.") from None
    if not datetime.date(2000, 1, 1) <= day <= today + _AHEAD:
        raise Problem(
            "bad_day", "生效日须在 2000-01-01 到一年之内。", "The day must lie between 2000-01-01 and a year ahead."
        )
    return day


def _number(value: object, low: int, high: int) -> int:
    text = str(value).strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high):
        raise Problem(
            "bad_number",
            f"请填 {low} 到 {high} 的整数。",
            f"Give a whole number from {low} to {high}.",
            value=text[:20],
        )
    return int(text)


def _chosen(value: object, known: Mapping[str, Title]) -> str:
    if not isinstance(value, str) or value not in known:
        raise _bad()
    return value


def _bad() -> Problem:
    return Problem("bad_plan", "表单填写有误，请重新填写。", "This form cannot be read: fill it in again.")
