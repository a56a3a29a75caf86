"""A standard that counts the verdicts of a level below, made to read them instead of working them out again.

``uses = ["household_exit"]`` writes the overall verdict of households into the village's program as an expression
(``combined``). Where both standards are judged in one run the verdict stands in a table already: the expression goes,
and the name becomes a stored fact of the level below, true if met, false if not met, NULL if unknown or not applicable.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Fact, FactTable
from tuopin.core.standards.programs import prepare

if TYPE_CHECKING:
    from collections.abc import Collection

    from tuopin.core.standards.programs import Prepared


def used_verdicts(prepared: Prepared, judged: Collection[str]) -> tuple[str, ...]:
    """The standards whose verdicts may be read: all that it uses, if all are ``judged`` in the run.

    None where an item sets an age of evidence: what the verdict rests on counts with its age, which the verdict hides.
    """
    uses = prepared.standard.uses
    if not set(uses) <= set(judged) or any(item.item.evidence_max_age is not None for item in prepared.items):
        return ()
    return uses


def reading_verdicts(prepared: Prepared, uses: Collection[str]) -> Prepared:
    """The same standard reading ``<level>.<used>`` as a stored fact of each level; its verdicts are the same."""
    if not uses:
        return prepared
    own, pack, catalogue = prepared.standard, prepared.pack, prepared.catalogue
    used = {key: pack.standard(key) for key in uses}
    tables = tuple(
        FactTable(f"verdict_{key}", each.level, f"verdict_{key}", "id", (Fact(key, "boolean", each.title),))
        for key, each in used.items()
    )
    standard = replace(own, uses=(), facts={name: fact for name, fact in own.facts.items() if name not in used})
    packed = replace(pack, standards={**pack.standards, own.key: standard})
    return prepare(packed, own.key, replace(catalogue, tables=(*catalogue.tables, *tables)), prepared.day)
