"""The definitions of packs: which procedures may begin where, and the text by which a running one goes on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from tuopin.core.procedures import read_procedure
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.roles import all_roles
from tuopin.standards.packs import folders, get_pack, problems
from tuopin.standards.places import Place, bindings, nearest_pack

from .models import ProcedureText

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date
    from pathlib import Path

    from tuopin.core.procedures import Procedure


@dataclass(frozen=True, slots=True)
class Definition:
    """A procedure with the pack whose standard is judged at its start, the pack whose file it is, and its text.
    ``bound`` are the packs of all areas on the day it was asked for."""

    procedure: Procedure
    pack: str
    file_pack: str
    text: str
    bound: Mapping[int, str] = field(default_factory=dict, compare=False)

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def available(place: Place, day: date, level: str = "") -> list[Definition]:
    """The definitions by which a procedure may begin in a place: those of the pack that holds there and its bases,
    then those of other packs whose name is not taken. Files that do not load are left out: their pack says why."""
    found: dict[str, Definition] = {}
    known, held = folders(), bindings(day)
    bound = nearest_pack(held, place.path, day)
    chain = _chain(bound)
    for file_pack in (*chain, *sorted(known)):
        judged_by = bound if file_pack in chain else file_pack
        for path in _files(known.get(file_pack)):
            if path.stem in found:
                continue
            try:
                found[path.stem] = replace(_definition(path, judged_by, file_pack), bound=held)
            except Problem:
                continue
    return [each for each in found.values() if not level or each.procedure.level == level]


def definition(place: Place, day: date, key: str) -> Definition:
    """One of those available. Raises Missing; Problem for a file that does not load."""
    held = bindings(day)
    return replace(_of(nearest_pack(held, place.path, day), key), bound=held)


def elsewhere(found: Definition, paths: Collection[str], day: date) -> frozenset[str]:
    """Those of the paths where another pack or text holds for this procedure: whoever lives there is judged by that."""
    packs = {path: nearest_pack(found.bound, path, day) for path in paths}
    strange = {pack for pack in set(packs.values()) if not _same(found, pack)}
    return frozenset(path for path, pack in packs.items() if pack in strange)


def _same(found: Definition, bound: str) -> bool:
    try:
        there = _of(bound, found.procedure.key)
    except Problem:
        return False
    return (there.pack, there.digest) == (found.pack, found.digest)


def _of(bound: str, key: str) -> Definition:
    known, chain = folders(), _chain(bound)
    for file_pack in (*chain, *sorted(known)):
        for path in _files(known.get(file_pack)):
            if path.stem == key:
                return _definition(path, bound if file_pack in chain else file_pack, file_pack)
    raise Missing("no_such_procedure", "没有这个程序。", "There is no such procedure.")


def _chain(key: str) -> list[str]:
    """A pack and its bases."""
    found = []
    while key and key not in found:
        found.append(key)
        try:
            key = get_pack(key).base or ""
        except Problem:
            break
    return found


def _files(folder: Path | None) -> Iterable[Path]:
    return sorted((folder / "procedures").glob("*.toml")) if folder is not None else ()


def _definition(path: Path, pack: str, file_pack: str) -> Definition:
    text = path.read_text(encoding="utf-8")
    procedure = _checked(text, f"{file_pack}/procedures/{path.name}", path.stem)
    judged = get_pack(pack)
    for name in (procedure.standard, *((procedure.doubts.standard,) if procedure.doubts else ())):
        if name not in judged.standards:
            raise Problem(
                "unknown_standard",
                f"{file_pack}/procedures/{path.name}：标准包 {pack} 没有标准“{name}”",
                f"{file_pack}/procedures/{path.name}: pack {pack} has no standard {name!r}",
            )
    return Definition(procedure, pack, file_pack, text)


@lru_cache(maxsize=64)
def _checked(text: str, shown: str, key: str) -> Procedure:
    with problems():
        procedure = read_procedure(text, shown, key)
    strange = {role for step in procedure.steps for role in step.roles} - set(all_roles())
    if strange:
        names = ", ".join(sorted(strange))
        raise Problem("unknown_role", f"{shown}：没有角色 {names}", f"{shown}: there is no role {names}")
    return procedure


def keep(found: Definition) -> ProcedureText:
    """The stored text of a definition, inside the transaction that begins by it."""
    kept, _made = ProcedureText.objects.get_or_create(
        digest=found.digest,
        defaults={"pack": found.file_pack, "key": found.procedure.key, "text": found.text},
    )
    return kept


def read(kept: ProcedureText) -> Procedure:
    """The definition that a running procedure follows."""
    return _checked(kept.text, f"{kept.pack}/procedures/{kept.key}.toml", kept.key)
