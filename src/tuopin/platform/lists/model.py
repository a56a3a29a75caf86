"""What a list consists of: columns, filters, where its rows come from."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tuopin.core.language.catalogue import Title

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

    from .filters import Filter
    from .state import State

type Kind = Literal["text", "code", "amount", "date", "verdict", "choice", "flag"]
type Row = Mapping[str, Any]
"""A row as the database gives it: the fields that the columns named, and ``pk``."""
type Load = Callable[["Reader", Sequence[Row]], Mapping[Any, Any]]
"""Values of a whole page (or a piece of a stream) by ``pk``, in a fixed number of statements."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks at a list, where and with what open.

    ``place`` is what the list is of (an area of the register; None where a list has no place); ``classes`` are the
    field classes open over the whole of it, None = all: columns and filters of other classes do not exist for this
    reader. ``given`` are the parameters of the address, for columns that depend on them.
    """

    actor: Actor
    day: date
    place: Any = None
    classes: frozenset[str] | None = frozenset({"general"})
    given: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def opens(self, classes: tuple[str, ...]) -> bool:
        """Whether all these classes are open."""
        return self.classes is None or self.classes.issuperset(classes)


@dataclass(frozen=True, slots=True)
class Column:
    """A column. Its raw value is the row's ``field``, or what ``load`` gives for the row, handed through ``pick``.

    ``kind`` says how it is printed: ``amount`` is an integer times ``10 ** scale`` (money in fen: scale 2) or a
    decimal text, ``choice`` one of ``choices`` (several joined by commas), ``verdict`` one of the four verdicts
    (``words``: the kind of standard whose words they take), ``flag`` true or false. A raw None or '' is printed as
    ``blank``: unknown, unless the column says otherwise. ``sort`` names the fields of the query by which it sorts,
    empty = not at all; ``needs`` are further fields that ``href`` reads. ``short`` stands at the head of a narrow
    column. ``optional``: not shown unless chosen.
    """

    key: str
    title: Title
    kind: Kind = "text"
    field: str = ""
    load: Load | None = None
    pick: Callable[[Any], Any] | None = None
    href: Callable[[Row], str] | None = None
    needs: tuple[str, ...] = ()
    unit: Title | None = None
    scale: int = 0
    choices: Mapping[str, Title] = dataclasses.field(default_factory=dict)
    words: str = ""
    classes: tuple[str, ...] = ("general",)
    sort: tuple[str, ...] = ()
    optional: bool = False
    short: Title | None = None
    blank: Title = dataclasses.field(default_factory=lambda: Title("未知", "unknown"))

    @property
    def head(self) -> Title:
        return self.short or self.title


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its column, the raw value (None = unknown), the printed text (None = unknown) and where it leads."""

    column: Column
    value: Any
    text: Title | None
    href: str = ""


@dataclass(frozen=True, slots=True)
class Extension:
    """What another room adds to a list: columns behind the list's own, filters, and notes that page and export show
    (what is unconfirmed)."""

    columns: tuple[Column, ...] = ()
    filters: tuple[Filter[Any], ...] = ()
    notes: tuple[Title, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of the product. ``key`` is ``room.noun``, and what the read log says.

    ``rows`` gives the query of all rows the reader may see at the reader's place: grants are applied there and nowhere
    else. ``order`` are the fields it is sorted by unless a column is chosen; a field may be NULL only in a column's
    own ``sort``. ``count`` may know the number of rows without counting (None = count). ``address`` is the path of the
    page of a place. ``may_open`` raises Refused or Missing. ``log`` False: a list without people, whose reading is not
    noted. ``empty`` says what to do when there is no row at all.
    """

    key: str
    title: Title
    noun: Title
    rows: Callable[[Reader], QuerySet[Any]]
    columns: tuple[Column, ...]
    address: Callable[[Reader], str]
    may_open: Callable[[Reader], None]
    filters: tuple[Filter[Any], ...] = ()
    order: tuple[str, ...] = ("pk",)
    order_title: Title = dataclasses.field(default_factory=lambda: Title("默认", "default"))
    descending: bool = False
    count: Callable[[Reader, State], int | None] | None = None
    empty: Title = dataclasses.field(default_factory=lambda: Title("还没有记录。", "There is nothing yet."))
    log: bool = True
    first: str = "code"  # the column that heads a row
    depending: Callable[[Reader], Extension] | None = None  # columns of the room's own that depend on the reader
    reader: Callable[[Actor, str, Mapping[str, str]], Reader] | None = None
    """The reader from an actor, the code of an area (may be empty) and the address's parameters, where there is no
    request: exports as jobs, the API. Raises Missing outside the grants. None: neither of them has this list."""
    export: str = ""  # the permission that an export needs over the place; empty = none beyond that to see the list
    notes: Callable[[Reader], Sequence[Title]] | None = None  # lines above an export: a draft note, the day judged on
    version: Callable[[], str | None] | None = None
    """The state of the data: counts are kept until it changes. None, or where it gives None: they are not kept."""
    moving: bool = False
    """Its data change all the time: the number of very many rows may be a moment old, and the page says of when."""
