"""Probing a standard with a generated register: an item that always or never is met is probably written wrongly."""

from __future__ import annotations

import datetime
import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tuopin.core.standards.judging import Judge

if TYPE_CHECKING:
    from tuopin.core.language.catalogue import Fact
    from tuopin.core.standards.programs import Prepared

type Subject = dict[str, object]

SIZES = {"person": 7, "household": 5, "village": 3, "township": 3, "county": 2}
"""The most subjects of a level below one of the level above in a generated register."""


@dataclass(frozen=True, slots=True)
class Warning:  # noqa: A001 - a warning about a rule; the built-in class is not used here
    """An item (or the whole standard, key ``applies``) that came out the same way for every generated subject."""

    item: str
    kind: Literal["always", "never"]

    @property
    def zh(self) -> str:
        return f"{self.item}：在生成的登记册上{'总是' if self.kind == 'always' else '从不'}成立，请核对规则"

    @property
    def en(self) -> str:
        return f"{self.item}: {self.kind} holds on a generated register; check the rule"


def probe(prepared: Prepared, *, seed: int = 1, subjects: int = 600) -> list[Warning]:
    """Judge a register made from ``seed`` and report tests and conditions that never or always hold.

    Items whose limit is not set cannot be probed and are left out; they stand among the draft's items. So are items
    that say why they come out alike (``justified``).
    """
    generator = Generator(prepared, seed)
    judge = Judge(prepared)
    keys = [f"{item.key}:test" for item in prepared.items if not item.is_open and not item.item.justified]
    keys += [f"{item.key}:applies" for item in prepared.items if item.applies is not None]
    if prepared.standard.applies is not None:
        keys.append("applies")
    seen: dict[str, set[bool | None]] = {key: set() for key in keys}
    for _ in range(subjects):
        judgement = judge(generator.subject())
        for key in keys:
            seen[key].add(judgement.result.verdict(key))
    warnings = []
    for key in keys:
        name = key.removesuffix(":test")
        if False not in seen[key]:
            warnings.append(Warning(name, "always"))
        elif True not in seen[key]:
            warnings.append(Warning(name, "never"))
    return warnings


class Generator:
    """Subjects with values spread over what a register may hold, blanks and limits included."""

    def __init__(self, prepared: Prepared, seed: int) -> None:
        self._prepared = prepared
        self._random = random.Random(seed)  # noqa: S311 - a repeatable register, not a secret
        self._facts = {
            level: [fact for name, fact in prepared.catalogue.facts(level).items() if name in names]
            for level, names in prepared.program.needs.items()
        }
        self._limits = [
            (value.value, prepared.pack.parameters[name].scale)
            for name, value in prepared.values.items()
            if value is not None
        ]

    def subject(self) -> Subject:
        """One subject of the standard's level with all that hangs below it."""
        return self._level(0)

    def _level(self, index: int) -> Subject:
        chosen, levels = self._random, self._prepared.program.levels
        subject: Subject = {fact.name: self._value(fact) for fact in self._facts.get(levels[index], [])}
        if chosen.random() < 0.5:  # half of the subjects are complete, so that long conjunctions can hold
            for fact in self._facts.get(levels[index], []):
                while subject[fact.name] is None:
                    subject[fact.name] = self._value(fact)
        if index + 1 < len(levels):
            most = SIZES.get(levels[index + 1], 3)
            number = chosen.randint(0, most if chosen.random() < 0.97 else 3 * most)
            subject[levels[index + 1]] = [self._level(index + 1) for _ in range(number)]
        return subject

    def _value(self, fact: Fact) -> object:
        chosen = self._random
        if chosen.random() < 0.08:
            return None
        match fact.type:
            case "boolean":
                return chosen.random() < 0.6
            case "code" | "text":
                return chosen.choice([code for code, _ in fact.codes] or ["a", "b"])
            case "date":
                years = 130 if chosen.random() < 0.1 else 90  # some older than anybody, some of a day that lies ahead
                return self._prepared.day - datetime.timedelta(days=chosen.randint(90 - years, years) * 365)
            case _:
                return self._number(fact)

    def _number(self, fact: Fact) -> int:
        chosen = self._random
        scale = 2 if fact.type == "money" else fact.scale
        if self._limits and chosen.random() < 0.2:  # on a limit, or one step beside it
            value, at = chosen.choice(self._limits)
            near = int(value * 10**scale) // int(10**at)
            return max(0, near + chosen.choice((-1, 0, 0, 1)))
        if fact.type == "decimal" and chosen.random() < 0.5:
            return chosen.randint(0, 10**scale)  # a rate
        return int(math.pow(10, chosen.uniform(0, 7))) - chosen.choice((0, 0, 1))
