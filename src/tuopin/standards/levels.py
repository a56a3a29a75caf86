"""The facts of the register, level by level, for several standards read in one go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.standards import statements
from tuopin.standards.loading import RegisterLoader
from tuopin.standards.places import LEVELS, choice
from tuopin.standards.statements import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence, Set

    from tuopin.core.engine import Engine
    from tuopin.core.language.catalogue import Level
    from tuopin.core.standards import Prepared
    from tuopin.standards.loading import Source
    from tuopin.standards.places import Place


class LevelsLoader(RegisterLoader):
    """Loads what several standards of one day need: each table of the register once, whoever asks for it.

    ``extras``: facts by level beside those of the programs, ``dated`` blocks of which the day is read. Every relation
    holds all subjects of its level in the place; which of them are judged is said by :meth:`listed`.
    """

    def __init__(
        self,
        asked: Sequence[Prepared],
        place: Place,
        engine: Engine,
        progress: Callable[[str, int], None] | None = None,
        extras: Mapping[str, Sequence[str]] | None = None,
        dated: Mapping[str, Set[str]] | None = None,
        source: Source | None = None,
    ) -> None:
        super().__init__(asked[0], choice(place, asked[0].standard.level, asked[0].day), engine, progress, source)
        self._asked, self._place, self._extras, self._dated = asked, place, extras or {}, dated or {}
        self._listed: dict[str, str] = {}

    def load(self) -> dict[str, str]:
        """Create the relations and return level → relation."""
        named = {level for each in self._asked for level in each.program.levels} | set(self._extras)
        relations: dict[str, str] = {}
        for name in (name for name in LEVELS if name in named):
            self._choice = choice(self._place, name, self._day)
            self._level(self._catalogue.level(name), self._needs(name), self._absent(name))
            relations[name] = name
        return relations

    def _needs(self, level: str) -> tuple[str, ...]:
        stored = self._catalogue.facts(level)  # a verdict of this run is none of the register's facts
        names = [name for each in self._asked for name in each.program.needs.get(level, ())]
        return tuple(name for name in dict.fromkeys([*names, *self._extras.get(level, ())]) if name in stored)

    def _absent(self, level: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for each in self._asked for name in each.program.absent_needs.get(level, ())))

    def _aged(self, level: str) -> set[str]:
        blocks = {(at, table) for each in self._asked for item in each.items for at, table in item.aged_blocks}
        return {table for at, table in blocks if at == level} | set(self._dated.get(level, ()))

    def _present(self, level: Level) -> str:  # noqa: ARG002 - a relation holds everybody: the level above counts them
        return ""

    def listed(self, level: str) -> str:
        """The table of ids of the level that are judged at all (villages by 村信息); empty = all of them."""
        found = self._catalogue.level(level)
        if not found.present_in:
            return ""
        if level not in self._listed:
            table = next(each for each in self._catalogue.tables if each.name == found.present_in)
            source = f"_{table.name}_present"
            asked = choice(self._place, level, self._day)
            self._fetch(source, statements.block(self._catalogue, table, (), self._day, asked), "id")
            self._listed[level] = quoted(source)
        return self._listed[level]
