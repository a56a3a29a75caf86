"""The one folder with all data (``TUOPIN_HOME``), its parts and its keys. Imported by the settings: no Django here."""

from __future__ import annotations

import contextlib
import os
import secrets
from functools import cache
from pathlib import Path

FOLDERS = (
    "keys",
    "staging",
    "maps",
    "reports",
    "locks",
    "readlog",
    "downloads",
    "uploads",
    "counts",
    "evidence",
    "seals",
)


def home() -> Path:
    """The data folder: ``TUOPIN_HOME``, else ``var/`` of the checkout, else ``var/`` under the current directory."""
    named = os.environ.get("TUOPIN_HOME", "").strip()
    if named:
        return Path(named).expanduser().resolve()
    checkout = Path(__file__).resolve().parents[3]
    base = checkout if (checkout / "pyproject.toml").is_file() else Path.cwd()
    return base / "var"


def make_home() -> Path:
    """Create the folder and its parts, readable by the owner alone: they hold personal data."""
    root = home()
    for folder in (root, *(root / name for name in FOLDERS)):
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return root


def keep_secret(path: Path, make: bytes) -> bytes:
    """Return what ``path`` holds; if there is no such file, ``make`` is written there first with mode 600.

    Two processes may come at once: the file is written complete under another name and linked into place, so that
    the first one wins and nobody reads half a key.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        pass
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(make)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    return path.read_bytes()


def secret_key() -> str:
    """The key that signs sessions and forms: made at first use, kept in ``keys/secret_key``."""
    return _text(home() / "keys" / "secret_key")


@cache
def _text(path: Path) -> str:
    return keep_secret(path, secrets.token_urlsafe(64).encode()).decode()
