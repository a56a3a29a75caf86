"""Lists that are of no place: accounts, and the logs of the whole installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from .model import Reader

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuopin.platform.access import Actor


def reader_of(actor: Actor, _code: str = "", given: Mapping[str, str] | None = None) -> Reader:
    """The reader of a list that is of no place and holds no classes of fields."""
    return Reader(actor, timezone.localdate(), None, frozenset({"general"}), dict(given or {}))
