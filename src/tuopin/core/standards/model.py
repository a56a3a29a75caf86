"""Standards as data: packs, dated parameters, standards and their items. Plain frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping

    from tuopin.core.language import Expression
    from tuopin.core.language.catalogue import Title
    from tuopin.core.standards.expecting import Expected
    from tuopin.core.standards.kinds import Kind, Severity
    from tuopin.core.standards.nodes import Node

type Confidence = Literal["seed", "found", "known", "guess"]
type ParameterType = Literal["money", "decimal", "integer"]

CONFIDENCES: tuple[Confidence, ...] = ("seed", "found", "known", "guess")
UNCONFIRMED: frozenset[Confidence] = frozenset({"known", "guess"})
"""Marks of statements for which no published text was found: what rests on them is draft."""


class PackError(ValueError):
    """A pack that must not load, or cannot be used on a day. ``zh`` and ``en`` are whole messages naming the file."""

    def __init__(self, code: str, file: str, zh: str, en: str) -> None:
        self.code, self.file = code, file
        self.zh = f"{file}：{zh}" if file else zh
        self.en = f"{file}: {en}" if file else en
        super().__init__(self.en)


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A parameter's value (scaled integer) from a day (included) to a day (excluded; ``None`` = until the next)."""

    valid_from: datetime.date
    valid_to: datetime.date | None
    value: int
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class DatedParameter:
    """A limit that a standard names. ``open`` = no confirmed value exists: where none holds, items are unknown."""

    name: str
    title: Title
    type: ParameterType
    unit: str
    scale: int
    open: bool
    note: Title
    values: tuple[DatedValue, ...]
    least: int = 0
    most: int | None = None
    """What a value may be, scaled: nothing below nought, and no more than the pack says (``within``)."""

    def on(self, day: datetime.date) -> DatedValue | None:
        """The value by calendar date, ``None`` if there is none.

        The newest value that has begun counts; once it has ended, no older one comes back.
        """
        begun = [value for value in self.values if value.valid_from <= day]
        if not begun or (begun[-1].valid_to is not None and begun[-1].valid_to <= day):
            return None
        return begun[-1]


@dataclass(frozen=True, slots=True)
class FactSpec:
    """A fact that the standard defines, or (``expression`` None) a stored one with a meaning of a missing column."""

    name: str
    level: str
    title: Title
    expression: Expression | None
    unit: str | None
    absent: bool | int | str | None
    places: int | None


@dataclass(frozen=True, slots=True)
class GroupSpec:
    """A named part of a level."""

    name: str
    title: Title
    source: str
    where: Expression


@dataclass(frozen=True, slots=True)
class Item:
    """One condition of a standard.

    ``short`` is the title for the head of a column. ``limit`` names a parameter that the expression does not use but
    the judgement rests on: while it is open, the item is unknown. ``evidence_max_age`` is in months. ``written`` is the
    expression as it stands in the file, which for a rule of quality is what is found, not what is tested. A rule of
    quality has a ``severity`` and ``advice``, what to do about it. ``justified`` says why it may come out alike for
    everybody on a generated register.
    """

    key: str
    group: str
    title: Title
    short: Title
    test: Expression
    applies: Expression | None
    source: str
    confidence: Confidence
    limit: str | None
    evidence_max_age: int | None
    written: str
    severity: Severity | None = None
    advice: Title | None = None
    justified: Title | None = None


@dataclass(frozen=True, slots=True)
class NotTested:
    """A condition of the source text that no column of the workbooks can show. It does not enter the verdict."""

    key: str
    title: Title
    source: str
    item: str | None


@dataclass(frozen=True, slots=True)
class Standard:
    """A standard: the conditions that a subject of one level must meet, or rules or categories of another kind.
    ``expects`` are facts that a room is still to publish."""

    key: str
    kind: Kind
    title: Title
    level: str
    uses: tuple[str, ...]  # standards of levels below whose overall verdict this one counts
    applies: Expression | None
    show: tuple[str, ...]
    facts: Mapping[str, FactSpec]
    groups: Mapping[str, GroupSpec]
    expects: Mapping[str, Expected]
    items: tuple[Item, ...]
    not_tested: tuple[NotTested, ...]
    file: str


@dataclass(frozen=True, slots=True)
class Pack:
    """A set of standards and parameters of one authority. ``digest`` is the SHA-256 over its and its base's files.
    ``everywhere``: its own standards are judged in every area beside those of the pack that holds there."""

    key: str
    version: str
    title: Title
    note: Title
    base: str | None
    everywhere: bool
    parameters: Mapping[str, DatedParameter]
    standards: Mapping[str, Standard]
    digest: str
    nodes: tuple[Node, ...] = ()

    def standard(self, key: str) -> Standard:
        """The standard of that key, or :class:`PackError` that lists what there is."""
        if key not in self.standards:
            known = ", ".join(sorted(self.standards))
            raise PackError(
                "unknown_standard", "", f"标准包 {self.key} 没有标准“{key}”，有：{known}",
                f"pack {self.key} has no standard {key!r}; it has: {known}",
            )  # fmt: skip
        return self.standards[key]

    def with_used(self, key: str) -> tuple[Standard, ...]:
        """The standard of that key and those it uses."""
        asked = self.standard(key)
        return (asked, *(self.standard(used) for used in asked.uses))
