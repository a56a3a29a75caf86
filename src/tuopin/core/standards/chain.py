"""Several standards in one run, from the lowest level up: each level is read once.

What a standard of a level above needs of a level (a household's status, its number of members, its verdict) is given
out by the pass over that level and read by the next pass as if it were stored. So the chain 123 → 129 → 321 reads the
persons once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Fact, FactTable, Title
from tuopin.core.language.plan import Scaled
from tuopin.core.standards.combined import merged
from tuopin.core.standards.pipeline import Verdicts, evaluate
from tuopin.core.standards.programs import prepare

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tuopin.core.engine import SetEngine
    from tuopin.core.language.catalogue import Catalogue, FactType
    from tuopin.core.language.program import Output
    from tuopin.core.standards.model import Pack, Standard
    from tuopin.core.standards.programs import Prepared


@dataclass(frozen=True, slots=True)
class Pass:
    """One standard of a chain; ``reads`` maps levels to the pass whose verdicts stand for the level's relation."""

    prepared: Prepared
    carried: tuple[Fact, ...]
    reads: Mapping[str, str]


def plan(pack: Pack, keys: Sequence[str], catalogue: Catalogue, day: datetime.date) -> list[Pass]:
    """The passes of a chain, lowest level first; at most one standard a level (ValueError otherwise)."""
    whole = [prepare(pack, key, catalogue, day) for key in keys]
    depth = _depths(catalogue)
    if len({each.standard.level for each in whole}) != len(whole):
        raise ValueError("a chain has one standard a level")
    whole.sort(key=lambda each: depth[each.standard.level])
    passes: list[Pass] = []
    reads: dict[str, str] = {}
    known = catalogue
    for at, each in enumerate(whole):
        level, key, above = each.standard.level, each.standard.key, whole[at + 1 :]
        standard = _without_carried(each.standard, reads, depth)
        wanted = sorted({name for upper in above for name in _needed(upper, level) - upper.awaited.keys()})
        for upper in above:
            standard = merged(standard, _without_carried(upper.standard, reads, depth), _up_to(level, depth))
        prepared = prepare(_with(pack, standard), key, known, day, carry=wanted)
        carried = _carried(prepared, wanted)
        passes.append(Pass(prepared, carried, dict(reads)))
        if wanted and len(carried) == len(wanted):
            reads[level] = key
            known = _with_facts(known, level, key, carried)
    return passes


def run(
    passes: Sequence[Pass], engine: SetEngine, relations: Mapping[str, str], folder: Path | None = None
) -> dict[str, Verdicts]:
    """Run a chain over ``relations`` (level → table with ``id``, ``parent_id`` and the stored facts); verdicts by
    standard, each in the table ``verdict_<standard>``, with a ``folder`` in a Parquet file of that name there."""
    found: dict[str, Verdicts] = {}
    for each in passes:
        key = each.prepared.standard.key
        own = {**relations, **{level: f"carried_{below}" for level, below in each.reads.items()}}
        found[key] = evaluate(each.prepared, engine, own, f"verdict_{key}", folder)
        columns = "".join(f', "carry:{fact.name}" AS "{fact.name}"' for fact in each.carried)
        engine.name(f"carried_{key}", f'SELECT id, parent_id{columns} FROM "verdict_{key}"')  # noqa: S608 - keys are names
    return found


def _depths(catalogue: Catalogue) -> dict[str, int]:
    """How far each level stands above the lowest."""
    above = {level.name: level.parent for level in catalogue.levels}
    lowest = [name for name in above if name not in set(above.values())]
    found: dict[str, int] = {}
    for name in lowest:
        at = 0
        while name:
            found[name] = max(at, found.get(name, 0))
            name, at = above.get(name, ""), at + 1
    return found


def _up_to(level: str, depth: Mapping[str, int]) -> frozenset[str]:
    return frozenset(name for name in depth if depth[name] <= depth[level])


def _needed(upper: Prepared, level: str) -> set[str]:
    return {name for output in upper.program.outputs.values() for at, name in output.typed.facts if at == level}


def _without_carried(standard: Standard, reads: Mapping[str, str], depth: Mapping[str, int]) -> Standard:
    """The standard without definitions of levels that an earlier pass has done; those are read as stored facts."""
    done = max((depth[level] for level in reads), default=-1)
    return replace(
        standard,
        uses=(),
        facts={name: fact for name, fact in standard.facts.items() if depth[fact.level] > done},
        groups={name: group for name, group in standard.groups.items() if depth[group.source] >= done},
    )


def _with(pack: Pack, standard: Standard) -> Pack:
    return replace(pack, standards={**pack.standards, standard.key: standard})


def _carried(prepared: Prepared, wanted: Sequence[str]) -> tuple[Fact, ...]:
    """The wanted facts that can be read again as stored ones: everything but quotients and intervals."""
    facts = [_stored(name, prepared.program.outputs[f"carry:{name}"]) for name in wanted]
    return tuple(fact for fact in facts if fact is not None)


def _stored(name: str, output: Output) -> Fact | None:
    typed, value = output.typed, output.value
    kinds: dict[str, FactType] = {"boolean": "boolean", "code": "code", "text": "text", "date": "date"}
    if typed.kind == "number":
        if not isinstance(value, Scaled) or value.divisor is not None:
            return None
        scale = len(str(value.scale)) - 1
        if 10**scale != value.scale:
            return None
        kind: FactType = "decimal" if scale else "integer"
        return Fact(name, "money" if scale == 2 and "CNY" in typed.unit else kind, Title(name, name), typed.unit, scale)
    if typed.kind not in kinds:
        return None
    codes = tuple((code, Title(zh, code)) for code, zh in typed.root.type.codes)
    return Fact(name, kinds[typed.kind], Title(name, name), codes=codes)


def _with_facts(catalogue: Catalogue, level: str, key: str, facts: tuple[Fact, ...]) -> Catalogue:
    """The catalogue in which the level has these stored facts and no others."""
    table = FactTable(f"verdict_{key}", level, f"verdict_{key}", "id", facts)
    return replace(
        catalogue,
        tables=(*(each for each in catalogue.tables if each.level != level), table),
        periods=tuple(each for each in catalogue.periods if each.level != level),
        derived=tuple(each for each in catalogue.derived if each.level != level),
    )
