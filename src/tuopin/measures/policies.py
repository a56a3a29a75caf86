"""The policies: who is entitled stands in the pack ``policies``, what is given and when in ``policies.toml``."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import orjson

from tuopin.core.language.catalogue import Title
from tuopin.standards.packs import get_pack, get_prepared

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuopin.core.standards import Prepared

PACK = "policies"
STANDARDS: Mapping[str, str] = {"household": "household_policies", "person": "person_policies"}
ENJOYS = "enjoys_help"
"""The item that says whose household policies of help are for; it is no policy."""

type Period = Literal["calendar_year", "school_year", "once"]
_SCHOOL_BEGINS = 9  # month

CLASSES: Mapping[str, Title] = {
    "industry": Title("产业", "industry"),
    "work": Title("就业", "work"),
    "public_post": Title("公益岗位", "public posts"),
    "finance": Title("金融", "finance"),
    "education": Title("教育", "education"),
    "health": Title("健康", "health"),
    "housing": Title("住房", "housing"),
    "water": Title("饮水", "water"),
    "security": Title("社会保障", "social security"),
    "relocation": Title("搬迁", "relocation"),
    "home": Title("六改", "six improvements"),
    "other": Title("其他", "other"),
}
"""Classes of measures and policies."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy. ``sort`` is one of :data:`CLASSES`; ``classes``: field classes that it reveals; ``asked``: given on
    application only. Names as payment lists write them stand in ``workbooks/payment.toml``."""

    key: str
    title: Title
    level: str
    sort: str
    needs_help: bool
    period: Period
    classes: tuple[str, ...]
    asked: bool
    benefit: Title

    def counts_from(self, day: date) -> date:
        """The first day of a payment that counts on ``day``."""
        if self.period == "once":
            return date(1900, 1, 1)
        if self.period == "school_year":
            return date(day.year - (day.month < _SCHOOL_BEGINS), _SCHOOL_BEGINS, 1)
        return date(day.year, 1, 1)


@cache
def _written() -> dict[str, dict[str, object]]:
    return tomllib.loads(Path(__file__).with_name("policies.toml").read_text(encoding="utf-8"))


def written_digest() -> str:
    """SHA-256 of what is written about the policies beside their rules."""
    return hashlib.sha256(orjson.dumps(_written(), option=orjson.OPT_SORT_KEYS)).hexdigest()


def policies() -> dict[str, Policy]:
    """All policies by key, in the order of the file; titles are those of the pack, which a city may have changed."""
    return _read(get_pack(PACK).digest)


@cache
def _read(_digest: str) -> dict[str, Policy]:
    pack = get_pack(PACK)
    titles = {item.key: item.title for key in STANDARDS.values() for item in pack.standard(key).items}
    return {key: _policy(key, entry, titles[key]) for key, entry in _written().items()}


def _policy(key: str, entry: Mapping[str, object], title: Title) -> Policy:
    benefit = entry["benefit"]
    assert isinstance(benefit, dict)  # noqa: S101 - our own file
    period = str(entry["period"])
    assert period in {"calendar_year", "school_year", "once"}  # noqa: S101 - our own file
    return Policy(
        key, title, str(entry["level"]), str(entry["class"]), bool(entry["needs_help"]), period,  # type: ignore[arg-type]  # looked at above
        _listed(entry["classes"]), bool(entry.get("asked")), Title(benefit["zh"], benefit["en"]),
    )  # fmt: skip


def _listed(value: object) -> tuple[str, ...]:
    assert isinstance(value, list)  # noqa: S101 - our own file
    return tuple(str(each) for each in value)


def prepared(day: date) -> dict[str, Prepared]:
    """The two standards that say who is entitled, by level, ready for a day."""
    return {level: get_prepared(PACK, key, day) for level, key in STANDARDS.items()}


def opened(classes: frozenset[str] | None) -> list[Policy]:
    """The policies that a reader with these field classes open may be told of, person by person; None = all."""
    return [each for each in policies().values() if classes is None or classes.issuperset(each.classes)]
