"""How a room says what of it is sealed, in a file ``sealing.py``. All of it optional:

``TABLES``: tuple of :class:`SealedTable`, beside what the fact catalogue names; columns of a table that it names too
are added to those. ``HOMES``: tuple of :class:`Home`, how subjects find their parent and county. ``IDENTITIES``: tuple
of :class:`IdentityTable`, what maps ids to codes and names, sealed apart and encrypted. ``COUNTIES_SQL``, ``NAME_SQL``:
statements over the sealed tables for (code, name) of counties and for the names of the installation. ``TITLES``: tuple
of (table, what people call it). ``LEFT_OUT``: table → why it is not sealed. ``said()``: what else the manifest is to
carry, by key. ``holds_all(ranges)``: whether ranges of area paths hold everything of the room, for who may seal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tuopin.core.snapshot import Column


@dataclass(frozen=True, slots=True)
class SealedTable:
    """A table as it is sealed. No column may hold a name, number, code of a household or person, or free text.

    ``by`` is the level whose county a row belongs to (``household``, ``person``; '' = to none), ``subject`` the column
    with its id. ``where`` narrows the rows. ``words``: columns of free text, whose rare values are left out.
    """

    name: str
    columns: tuple[Column, ...]
    by: str = ""
    subject: str = ""
    where: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Home:
    """Where the subjects of a level belong: ``sql`` gives (id, parent, county) from sealed tables, named in ``uses``,
    and from ``_home_<level>`` of homes listed before. It is run by the set engine."""

    level: str
    uses: tuple[str, ...]
    sql: str


@dataclass(frozen=True, slots=True)
class IdentityTable:
    """Rows that tell who is who: ``sql`` for both databases, whose first column is the id of a subject of ``by``.
    ``columns`` are its columns in order, all but the first as text."""

    name: str
    by: str
    columns: tuple[Column, ...]
    sql: str
