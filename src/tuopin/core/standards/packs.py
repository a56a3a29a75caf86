"""Packs: folders with ``pack.toml``, ``parameters.toml``, ``nodes.toml``, ``<standard>.toml``, ``cases/*.toml``."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.core.standards import toml
from tuopin.core.standards.model import DatedParameter, Pack, PackError, Standard
from tuopin.core.standards.nodes import read_nodes
from tuopin.core.standards.reading import read_parameters, read_standard

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_PACK_KEY = re.compile(r"[a-z][a-z0-9\-]{0,39}")
_NOT_STANDARDS = frozenset({"pack.toml", "parameters.toml", "nodes.toml"})


def find_packs(folders: Iterable[Path]) -> dict[str, Path]:
    """Pack key → folder, over all ``<folder>/<pack>/pack.toml``. One key in two folders is refused."""
    found: dict[str, Path] = {}
    for folder in folders:
        if not folder.is_dir():
            continue
        for marker in sorted(folder.glob("*/pack.toml")):
            key = marker.parent.name
            if key in found:
                raise PackError("two_packs", key, "两个文件夹中都有此标准包", "this pack stands in two folders")
            found[key] = marker.parent
    return found


def load_pack(key: str, available: Mapping[str, Path]) -> Pack:
    """Reads a pack and, if it names one, its base: what the pack does not define itself comes from the base.

    Errors: :class:`PackError` (files, keys, values), ``RuleError`` (expressions). Names of facts and units are
    resolved by :func:`tuopin.core.standards.programs.prepare`.
    """
    return _load(key, available, ())


def _load(key: str, available: Mapping[str, Path], above: tuple[str, ...]) -> Pack:
    if key in above:
        raise PackError("base_cycle", f"{key}/pack.toml", "base 互相引用", "the bases refer to each other in a circle")
    if key not in available:
        known = ", ".join(sorted(available))
        raise PackError(
            "unknown_pack", "", f"没有标准包“{key}”，有：{known}", f"there is no pack {key!r}; there are: {known}"
        )
    folder = available[key]
    shown = f"{key}/pack.toml"
    table, _ = toml.read(folder / "pack.toml", shown)
    section = toml.Section(table, shown, "")
    if section.text("key") != key or not _PACK_KEY.fullmatch(key):
        raise section.error(
            "wrong_folder", "key 应与文件夹同名（小写字母、数字、-）", "key must be the folder's name (a-z, 0-9, -)"
        )
    version, title = section.text("version"), section.title()
    base_key = section.optional("base")
    everywhere = section.flag("everywhere")
    note = section.title("note") if section.has("note") else Title("", "")
    section.close()
    base = _load(base_key, available, (*above, key)) if base_key else None
    parameters: dict[str, DatedParameter] = dict(base.parameters) if base else {}
    if (folder / "parameters.toml").exists():
        parameters |= read_parameters(folder / "parameters.toml", f"{key}/parameters.toml")
    standards: dict[str, Standard] = dict(base.standards) if base else {}
    for path in sorted(folder.glob("*.toml")):
        if path.name not in _NOT_STANDARDS:
            standards[path.stem] = read_standard(path, f"{key}/{path.name}")
    nodes = base.nodes if base else ()
    if (folder / "nodes.toml").exists():
        nodes = read_nodes(folder / "nodes.toml", f"{key}/nodes.toml", standards)
    digest = _digest(folder, base)
    return Pack(key, version, title, note, base_key, everywhere, parameters, standards, digest, nodes)


def _digest(folder: Path, base: Pack | None) -> str:
    """SHA-256 over names and contents of the files that decide verdicts, and over the base's digest."""
    digest = hashlib.sha256((base.digest if base else "").encode())
    for path in sorted(folder.glob("*.toml")):
        content = path.read_bytes()
        digest.update(f"\0{path.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
