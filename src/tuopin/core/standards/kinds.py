"""Kinds of standards: what an item asks, and the words for its verdicts.

Every kind is judged, stored, counted, listed and explained in the same way; kinds differ in the name of an item's
expression, in what its being true means, and in words. So the four verdicts stay what they are everywhere in the code:

==============  =============  ======================  =============================
kind            expression     true means              ``not_met`` means
==============  =============  ======================  =============================
``conditions``  ``test``       met                     the condition is not met
``quality``     ``finds``      ``not_met``             a doubt stands in the data
``categories``  ``belongs``    met                     the subject is not one of them
==============  =============  ======================  =============================
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tuopin.core.language.catalogue import Title

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuopin.core.standards.verdicts import Verdict

type KindKey = Literal["conditions", "quality", "categories"]
type Severity = Literal["error", "doubt", "hint"]


@dataclass(frozen=True, slots=True)
class Said:
    """A verdict in words. ``sign`` stands beside the word; ``tone`` names the colour, never the only sign of it;
    ``code`` is the word in the cases of a pack and in programs' answers."""

    sign: str
    title: Title
    tone: str
    code: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. ``points_at`` is the verdict that is looked for, and whose cause an explanation names; ``overall`` the
    words of the overall verdict, ``None`` where items have nothing to do with each other and none is shown."""

    key: KindKey
    title: Title
    expression: str
    negated: bool  # the test is that the expression does not hold
    points_at: Verdict
    items: Mapping[Verdict, Said]
    overall: Mapping[Verdict, Said] | None

    def said(self, verdict: Verdict, *, overall: bool = False) -> Said:
        """The words of a verdict."""
        return (self.overall if overall and self.overall is not None else self.items)[verdict]

    def verdict(self, code: str) -> Verdict | None:
        """The verdict of a code as cases write it: the kind's own word, or that of all kinds."""
        for verdict, said in self.items.items():
            if code in {verdict, said.code}:
                return verdict
        return None

    @property
    def true_points(self) -> bool:
        """Whether the expression's being true is what is looked for (a doubt, a category)."""
        return self.negated == (self.points_at == "not_met")


_NOT_APPLICABLE = Said("–", Title("不适用", "not applicable"), "not-applicable", "not_applicable")
_UNKNOWN = Said("?", Title("未知", "unknown"), "unknown", "unknown")
_CANNOT_TELL = Said("?", Title("无法判断", "cannot be told"), "unknown", "unknown")

_MET: Mapping[Verdict, Said] = {
    "met": Said("✓", Title("达标", "met"), "met", "met"),
    "not_met": Said("✗", Title("未达标", "not met"), "not-met", "not_met"),
    "unknown": _UNKNOWN,
    "not_applicable": _NOT_APPLICABLE,
}

CONDITIONS = Kind("conditions", Title("达标标准", "conditions"), "test", False, "not_met", _MET, _MET)

QUALITY = Kind(
    "quality",
    Title("数据质量规则", "data-quality rules"),
    "finds",
    True,
    "not_met",
    {
        "met": Said("✓", Title("未发现", "none found"), "met", "none"),
        "not_met": Said("!", Title("发现疑点", "doubt found"), "not-met", "found"),
        "unknown": _CANNOT_TELL,
        "not_applicable": _NOT_APPLICABLE,
    },
    {
        "met": Said("✓", Title("未发现疑点", "no doubt found"), "met", "none"),
        "not_met": Said("!", Title("发现疑点", "doubts found"), "not-met", "found"),
        "unknown": Said("?", Title("未发现疑点，部分规则无法判断", "none found; some rules cannot be told"), "unknown",
                        "unknown"),
        "not_applicable": _NOT_APPLICABLE,
    },
)  # fmt: skip

CATEGORIES = Kind(
    "categories",
    Title("人群分类", "categories"),
    "belongs",
    False,
    "met",
    {
        "met": Said("●", Title("属于", "belongs"), "belongs", "belongs"),
        "not_met": Said("○", Title("不属于", "does not belong"), "not-applicable", "outside"),
        "unknown": _UNKNOWN,
        "not_applicable": _NOT_APPLICABLE,
    },
    None,
)

KINDS: Mapping[str, Kind] = {kind.key: kind for kind in (CONDITIONS, QUALITY, CATEGORIES)}

SEVERITIES: Mapping[Severity, Title] = {
    "error": Title("错误", "error"),
    "doubt": Title("疑点", "doubt"),
    "hint": Title("提示", "hint"),
}
