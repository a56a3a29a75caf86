"""The lists of all rooms, and what other rooms add to them, gathered without importing the rooms by name."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tuopin.platform.catalogue import rooms_modules
from tuopin.platform.problems import Missing

if TYPE_CHECKING:
    from .model import Extension, Listing, Reader


@cache
def listings() -> dict[str, Listing]:
    """Every list by key, from ``LISTINGS`` of the rooms' ``lists.py``; the platform's own stand beside this engine."""
    from tuopin.platform.accounts.listings import LISTINGS as OF_ACCOUNTS
    from tuopin.platform.auditing.listings import LISTINGS as OF_LOGS
    from tuopin.platform.outbox.listings import LISTINGS as OF_OUTBOX
    from tuopin.platform.seals.listings import LISTINGS as OF_SEALS

    of_rooms = [each for _room, module in rooms_modules("lists") for each in getattr(module, "LISTINGS", ())]
    return {each.key: each for each in (*OF_ACCOUNTS, *OF_LOGS, *OF_OUTBOX, *OF_SEALS, *of_rooms)}


def listing(key: str) -> Listing:
    """One list. Raises Missing."""
    found = listings().get(key)
    if found is None:
        raise Missing("no_such_list", "没有这份名单。", "There is no such list.")
    return found


def extensions(key: str, reader: Reader) -> list[Extension]:
    """What the rooms add to a list for this reader, from the bottom up."""
    makers = [getattr(module, "EXTENSIONS", {}).get(key) for _room, module in rooms_modules("lists")]
    return [make(reader) for make in makers if make is not None]
