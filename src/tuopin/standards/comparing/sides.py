"""One side of a comparison: a standard of a pack on a day, perhaps with other values of its parameters."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.core.language.syntax import Compare, Name
from tuopin.core.standards import DatedValue, prepare
from tuopin.core.standards.toml import scaled
from tuopin.platform.catalogue import catalogue
from tuopin.platform.panels import decimal_text
from tuopin.platform.problems import Missing, Problem
from tuopin.standards.packs import folders, get_pack, problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tuopin.core.poverty import PoorWhen
    from tuopin.core.standards import DatedParameter, Pack, Prepared
    from tuopin.standards.models import Evaluation

EARLIEST = datetime.date(2000, 1, 1)
MOST_PARAMETERS = 20
PERSONS = "member_count"
"""The fact of households by which persons are counted."""
_SETTING = re.compile(r"\s*([a-z][a-z0-9_]{0,39})\s*=\s*([0-9.]{1,24})\s*")


@dataclass(frozen=True, slots=True)
class Side:
    """What is judged by. ``parameters`` are (name, value as text) that differ from the pack's: a what-if. ``run`` is
    the number of a stored evaluation, whose verdicts are taken as they stand (its pack, standard and day are said);
    ``seal`` that of a seal, of what was known when it was made."""

    pack: str
    standard: str
    day: datetime.date
    parameters: tuple[tuple[str, str], ...] = ()
    run: int = 0
    seal: int = 0

    def document(self) -> dict[str, Any]:
        """As it stands in a job and a file."""
        return {
            "pack": self.pack, "standard": self.standard, "day": self.day.isoformat(),
            "parameters": [list(pair) for pair in self.parameters], "run": self.run, "seal": self.seal,
        }  # fmt: skip

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Side:
        """From :meth:`document`."""
        parameters = tuple((str(name), str(value)) for name, value in document["parameters"])
        day = datetime.date.fromisoformat(document["day"])
        return cls(document["pack"], document["standard"], day, parameters, int(document.get("run", 0)),
                   int(document.get("seal", 0)))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """The item of a standard that asks an income per head to be above a line: item, fact and parameter by name."""

    item: str
    fact: str
    parameter: str
    poor_when: PoorWhen


def settings(text: str) -> tuple[tuple[str, str], ...]:
    """Changed parameters as they are typed: ``poverty_line = 3200``, one a line or separated by commas. Raises
    Problem."""
    found: dict[str, str] = {}
    for part in re.split(r"[\n,;，；]", text):
        if not part.strip():
            continue
        match = _SETTING.fullmatch(part)
        if match is None:
            raise Problem(
                "bad_setting",
                "改动的参数请写作“poverty_line = 3200”，每行一项。",
                "Write a changed parameter as “poverty_line = 3200”, one a line.",
            )
        found[match[1]] = match[2]
        if len(found) > MOST_PARAMETERS:
            raise Problem(
                "too_many_settings", f"最多改 {MOST_PARAMETERS} 个参数。", f"At most {MOST_PARAMETERS} parameters."
            )
    return tuple(sorted(found.items()))


def prepared(side: Side) -> Prepared:
    """The side ready to be judged, with the persons of a household beside the shown facts.

    Raises Missing for an unknown pack or standard, Problem for a day or a parameter that is none.
    """
    if not EARLIEST <= side.day <= timezone.localdate():
        raise Problem(
            "bad_day", f"判定日须在 {EARLIEST} 与今天之间。", f"The day must lie between {EARLIEST} and today."
        )
    if side.pack not in folders():
        raise Missing("unknown_pack", "没有这个标准包。", "There is no such pack.")
    return _prepared(get_pack(side.pack).digest, side)


@lru_cache(maxsize=32)
def _prepared(_digest: str, side: Side) -> Prepared:
    with problems():
        pack = changed(get_pack(side.pack), side.parameters)
        standard = pack.standard(side.standard)
        if standard.level == "household" and PERSONS not in standard.show:
            standard = replace(standard, show=(*standard.show, PERSONS))
            pack = replace(pack, standards={**pack.standards, standard.key: standard})
        found = prepare(pack, side.standard, catalogue(), side.day)
    unused = sorted({name for name, _value in side.parameters} - set(found.values))
    if unused:
        raise Problem(
            "parameter_unused",
            f"标准“{found.standard.title.zh}”不用参数 {unused[0]}，改它不会有任何变化。可改：{'、'.join(found.values)}",
            f"The standard “{found.standard.title.en}” does not use {unused[0]}: changing it changes nothing. "
            f"It uses: {', '.join(found.values)}",
        )
    return found


def changed(pack: Pack, parameters: Sequence[tuple[str, str]]) -> Pack:
    """The pack with other values of parameters, on every day. Raises Problem."""
    values = dict(pack.parameters)
    for name, text in parameters:
        known = values.get(name)
        if known is None:
            raise Problem("unknown_parameter", f"没有参数 {name}。", f"There is no parameter {name}.")
        values[name] = _with(known, text)
    return replace(pack, parameters=values)


def _with(parameter: DatedParameter, text: str) -> DatedParameter:
    value = scaled(text, parameter.scale)
    if value is None:
        raise Problem(
            "bad_value",
            f"{parameter.title.zh}应为数，最多 {parameter.scale} 位小数。",
            f"{parameter.title.en} must be a number with at most {parameter.scale} decimals.",
        )
    return replace(parameter, values=(DatedValue(datetime.date.min, None, value, "what-if", "known"),))


def line_of(found: Prepared) -> Line | None:
    """The item that asks for more than a line, if the standard has one: ``income_per_head > poverty_line`` and no
    more. None for a standard of another kind."""
    if found.standard.level != "household":
        return None
    shown = {each.name for each in found.shown}
    for item in found.items:
        root = item.item.test.root
        if not isinstance(root, Compare) or root.operator not in {">", ">="} or item.applies is not None:
            continue
        left, right = root.left, root.right
        if not isinstance(left, Name) or not isinstance(right, Name) or left.name not in shown:
            continue
        value = found.values.get(right.name)
        if value is not None and value.value > 0 and "CNY" in found.pack.parameters[right.name].unit:
            return Line(item.key, left.name, right.name, "not_above" if root.operator == ">" else "below")
    return None


def line_value(found: Prepared, line: Line) -> Fraction:
    """The line in yuan."""
    value = found.values[line.parameter]
    assert value is not None  # noqa: S101 - line_of() names only parameters with a value
    return Fraction(value.value, 10 ** found.pack.parameters[line.parameter].scale)


def words(side: Side, found: Prepared) -> Title:
    """The side in words: standard, pack, day, and what was changed."""
    zh = f"{found.standard.title.zh} · {found.pack.title.zh} {found.pack.version} · {side.day}"
    en = f"{found.standard.title.en} · {found.pack.title.en} {found.pack.version} · {side.day}"
    for name, _text in side.parameters:
        parameter, value = found.pack.parameters[name], found.values[name]
        shown = decimal_text(value.value, parameter.scale) if value else ""
        zh, en = f"{zh} · {parameter.title.zh}改为 {shown}", f"{en} · {parameter.title.en} changed to {shown}"
    if side.seal:
        zh, en = f"{zh} · 按第 {side.seal} 号封存", f"{en} · as known in seal {side.seal}"
    if side.run:
        zh, en = f"{zh} · 已存核查第 {side.run} 号", f"{en} · stored evaluation {side.run}"
    return Title(zh, en)


def stored_side(number: int) -> Side:
    """The side of a stored evaluation by its number. Raises Missing."""
    from tuopin.standards.models import Evaluation

    run = Evaluation.objects.filter(pk=number).defer("tally").first()
    if run is None:
        raise Missing("no_such_evaluation", "没有这次核查。", "There is no such evaluation.")
    return stored(run)


def stored(run: Evaluation) -> Side:
    """The side of a stored evaluation."""
    return Side(run.pack, run.standard, run.day, (), run.pk)
