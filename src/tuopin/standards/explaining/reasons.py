"""Why a subject is judged as it is, in one short text for a column: from the stored letters and shown facts alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tuopin.core.language import Exact
from tuopin.core.language.catalogue import Title
from tuopin.core.language.syntax import Compare, Name
from tuopin.core.standards import KINDS, wording
from tuopin.platform.problems import Problem
from tuopin.standards.packs import get_prepared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuopin.core.standards import Prepared
    from tuopin.standards.models import Evaluation

_POINTS = {"met": "m", "not_met": "n"}


@dataclass(slots=True)
class Reasons:
    """Texts for the rows of one evaluation; ``prepared`` None where its pack no longer loads: items by their keys."""

    run: Evaluation
    prepared: Prepared | None
    _lists: dict[str, Title | None] = field(default_factory=dict)
    _compared: dict[int, _Compared] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.prepared is not None and self.run.shown:
            self._compared = _compared(self.prepared, self.run)

    def of(self, letters: str, shown: str) -> Title | None:
        """``未达标：收入（还差 312.00 元）、医疗；未知：住房``; None where nothing is wanting."""
        amounts = {at: each for at in self._compared if letters[at + 1] == "n" and (each := self._amount(at, shown))}
        if not amounts:
            if letters not in self._lists:
                self._lists[letters] = self._text(letters, {})
            return self._lists[letters]
        return self._text(letters, amounts)

    def _text(self, letters: str, amounts: dict[int, Title]) -> Title | None:
        kind = KINDS[self.run.kind]
        parts = []
        for verdict in (kind.points_at, "unknown"):
            letter = _POINTS.get(verdict, "u")
            if verdict == "unknown" and kind.true_points:
                continue  # of many rules few can be told; the list of a rule says which
            listed = [self._item(at, amounts.get(at)) for at, each in enumerate(letters[1:]) if each == letter]
            if listed:
                said = kind.said(verdict).title
                zh, en = "、".join(each.zh for each in listed), ", ".join(each.en for each in listed)
                parts.append(Title(f"{said.zh}：{zh}", f"{said.en}: {en}"))
        if not parts:
            return None
        return Title("；".join(each.zh for each in parts), "; ".join(each.en for each in parts))

    def _item(self, at: int, amount: Title | None) -> Title:
        key = self.run.items[at]
        known = {item.key: item.short for item in self.prepared.standard.items} if self.prepared else {}
        title = known.get(key, Title(key, key))
        return title if amount is None else Title(f"{title.zh}（{amount.zh}）", f"{title.en} ({amount.en})")

    def _amount(self, at: int, shown: str) -> Title | None:
        """How far a shown fact is from its limit."""
        place, limit, unit, is_rate = self._compared[at]
        text = _at(shown.split("|"), place)
        whole, _, rest = text.partition(".")
        if not text or not (whole.lstrip("-") + rest).isdigit():
            return None
        value = Exact(int(whole + rest), 10 ** len(rest))
        gap = value.numerator * limit.denominator - limit.numerator * value.denominator
        size = Exact(abs(gap), value.denominator * limit.denominator)
        amount = wording.points(size) if is_rate else wording.number(size, unit)
        if gap > 0:
            return Title(f"超出 {amount.zh}", f"{amount.en} over")
        return Title(f"还差 {amount.zh}", f"{amount.en} short") if gap else None


type _Compared = tuple[int, Exact, str, bool]
"""Place among the shown facts, limit, its unit, and whether it is a rate."""


def _compared(prepared: Prepared, run: Evaluation) -> dict[int, _Compared]:
    """Items that compare a shown fact with a limit of the day, by their position."""
    places = {each["name"]: at for at, each in enumerate(run.shown)}
    found = {}
    for item in prepared.items:
        root = item.item.test.root
        if not isinstance(root, Compare) or not isinstance(root.left, Name) or not isinstance(root.right, Name):
            continue
        parameter, value = prepared.pack.parameters.get(root.right.name), prepared.values.get(root.right.name)
        if root.left.name in places and parameter is not None and value is not None and item.key in run.items:
            limit = Exact(value.value, 10**parameter.scale)
            found[run.items.index(item.key)] = (
                places[root.left.name], limit, parameter.unit, parameter.type == "decimal" and not parameter.unit,
            )  # fmt: skip
    return found


def _at(texts: Sequence[str], place: int) -> str:
    return texts[place] if place < len(texts) else ""


def prepared_of(run: Evaluation) -> Prepared | None:
    """The standard of an evaluation on its day; None where the pack is gone or no longer loads."""
    try:
        return get_prepared(run.pack, run.standard, run.day)
    except Problem:
        return None
