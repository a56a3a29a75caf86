"""Posting messages, reading them, saying that they are done: everything that changes an inbox."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import batched
from operator import attrgetter, gt
from typing import TYPE_CHECKING, Any

import orjson
from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from tuopin.platform.auditing import audit
from tuopin.platform.database import array, is_postgresql, write
from tuopin.platform.models import Message, User
from tuopin.platform.outbox.kinds import Kind, all_kinds
from tuopin.platform.problems import Refused

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from tuopin.core.language.catalogue import Title
    from tuopin.platform.access import Actor

_PIECE = 5_000
_COLUMNS = {  # but for the recipient: what a letter says, the same for all who get it
    "key": "text", "kind": "text", "urgent": "boolean", "title_zh": "text", "title_en": "text",
    "parameters": "text", "word": "text", "view": "text", "args": "text", "about": "text", "day": "date",
    "created_at": "timestamptz", "not_before": "timestamptz",
}  # fmt: skip
_JSON = {"parameters", "args"}
_LONGEST = (120, 200, 300, 60, 80, 80)  # of a letter: key, titles, word, view, about
type _Row = tuple[int, tuple[Any, ...]]  # a recipient and what the letter says
_LONG_NUMBER = re.compile(r"[0-9]{10}[0-9-]*[0-9Xx]")  # telephones, ID numbers, accounts
_FIRST, _LAST = datetime.date(1990, 1, 1), datetime.date(2200, 1, 1)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to be posted.

    ``key`` names it among the recipient's for ever (``matter:17:remind:2018-12-01``, at most 120 characters); ``day``
    is the day it is about, always the same for a key. ``title`` overrides that of the kind and may name
    ``{parameters}``: whole numbers, days, short words; never a name or number of a person. ``view`` and ``args`` are
    the page it leads to, ``word`` what that is called (a paper's number), ``about`` what it is about: see ``settle``.
    ``not_before``: when it may leave by mail or gateway; the inbox shows it at once.
    """

    user_id: int
    key: str
    kind: str
    day: datetime.date
    title: Title | None = None
    parameters: Mapping[str, int | str | datetime.date] = field(default_factory=dict)
    word: str = ""
    view: str = ""
    args: Sequence[int | str] = ()
    about: str = ""
    not_before: datetime.datetime | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of letters: ``new`` are in the inbox now, ``known`` were there before (or twice among them),
    ``old`` are about days whose messages are deleted by now, ``closed`` are for accounts that are shut or unknown."""

    new: int = 0
    known: int = 0
    old: int = 0
    closed: int = 0


def post(actor: Actor, letters: Iterable[Letter], *, now: datetime.datetime | None = None) -> Posted:
    """Put letters into inboxes, each once however often it is posted. Belongs into the transaction of what it tells of.

    ``actor`` is who did that; no permission is asked: a message opens nothing that its reader may not see anyway.
    Raises ValueError for a letter that no room may write: an unknown kind, texts too long, what looks like a number of
    a person.
    """
    moment = now or timezone.now()
    kinds = all_kinds()
    # One order for everybody: two who post the same letters at once wait for each other instead of both failing.
    given = sorted(letters, key=attrgetter("user_id", "key"))
    if not given:
        return Posted()
    contents: dict[tuple[object, ...], tuple[Any, ...]] = {}  # what goes to many is looked at once, and sent once
    rows: list[_Row] = []
    for each in given:
        what = (each.key, each.kind, each.day, each.word, each.view, each.about, each.not_before,
                id(each.title), id(each.parameters), id(each.args))  # fmt: skip
        if what not in contents:
            contents[what] = _content(each, kinds, moment)
        rows.append((each.user_id, contents[what]))
    oldest = timezone.localdate(moment) - datetime.timedelta(days=settings.TUOPIN_MESSAGES_DAYS)
    fresh = [row for each, row in zip(given, rows, strict=True) if each.day >= oldest]
    with write():
        active = set(_active({row[0] for row in fresh}))
        wanted = [row for row in fresh if row[0] in active]
        new = _insert(wanted)
        posted = Posted(new, len(wanted) - new, len(rows) - len(fresh), len(fresh) - len(wanted))
        if new:
            counted = dict(sorted(Counter(each.kind for each in given).items()))
            detail: dict[str, object] = {"kinds": counted, "created": new, "same": posted.known}
            audit.record(actor, "platform.post_messages", "messages", detail)
    return posted


def _content(letter: Letter, kinds: Mapping[str, Kind], now: datetime.datetime) -> tuple[Any, ...]:
    """The columns of a letter that follow the recipient's."""
    kind = kinds.get(letter.kind)
    title_zh, title_en = (letter.title.zh, letter.title.en) if letter.title else ("", "")
    given = [str(each) for each in letter.parameters.values()]
    texts = (letter.key, title_zh, title_en, letter.word, letter.view, letter.about)
    if kind is None or not letter.key or not _FIRST <= letter.day < _LAST:
        raise ValueError(f"no letter: kind {letter.kind!r}, key {letter.key!r}")
    if any(map(gt, map(len, texts), _LONGEST)) or not "".join(texts).isprintable():
        raise ValueError(f"{letter.kind}: a text is too long or cannot be shown")
    if len(given) > 12 or max(map(len, given), default=0) > 60 or not "".join(given).isprintable():
        raise ValueError(f"{letter.kind}: a parameter is too long or cannot be shown")
    if _LONG_NUMBER.search("\n".join((title_zh, title_en, letter.word, *given))):
        raise ValueError(f"{letter.kind}: a number of a person does not belong into a message")
    return (
        letter.key, letter.kind, kind.urgent, title_zh, title_en, orjson.dumps(dict(letter.parameters)).decode(),
        letter.word, letter.view, orjson.dumps(list(letter.args)).decode(), letter.about, letter.day.isoformat(), now,
        letter.not_before or now,
    )  # fmt: skip


def _active(ids: Collection[int]) -> Iterator[int]:
    for piece in batched(sorted(ids), _PIECE):
        yield from User.objects.filter(pk__in=piece, is_active=True).values_list("pk", flat=True)


def _insert(rows: Sequence[_Row]) -> int:
    """Insert those that are not there yet, in one statement a piece; returns how many that were."""
    names = ", ".join(_COLUMNS)
    new = 0
    with connection.cursor() as cursor:
        if is_postgresql():
            lists = ", ".join(f"%s::{kind}[]" for kind in _COLUMNS.values())
            values = ", ".join(f"{name}::jsonb" if name in _JSON else name for name in _COLUMNS)
            sql = (
                f"INSERT INTO platform_message (user_id, {names}) SELECT user_id, {values}"  # noqa: S608 - our own names
                f" FROM unnest(%s::bigint[], %s::int[]) WITH ORDINALITY AS recipient (user_id, number, place)"
                f" JOIN unnest({lists}) WITH ORDINALITY AS content ({names}, number) USING (number)"
                " ORDER BY place ON CONFLICT (user_id, key) DO NOTHING"
            )
            for piece in batched(rows, _PIECE):
                numbers: dict[int, int] = {}
                contents = []
                for _user, content in piece:
                    if id(content) not in numbers:
                        contents.append(content)
                        numbers[id(content)] = len(contents)
                told = ([user for user, _content in piece], [numbers[id(content)] for _user, content in piece])
                cursor.execute(sql, [array(column) for column in (*told, *zip(*contents, strict=True))])
                new += cursor.rowcount
            return new
        marks = ", ".join(["%s"] * (len(_COLUMNS) + 1))
        sql = f"INSERT INTO platform_message (user_id, {names}) VALUES ({marks}) ON CONFLICT (user_id, key) DO NOTHING"  # noqa: S608 - our own names
        for piece in batched(rows, _PIECE):
            cursor.executemany(sql, [(user, *content) for user, content in piece])
            new += max(cursor.rowcount, 0)
    return new


def settle(actor: Actor, about: Collection[str], *, now: datetime.datetime | None = None) -> int:
    """Say that what messages are about (``matter:17``) is done: they no longer count as open, for anybody, and leave no
    more. Belongs into the transaction of what did it; returns how many messages."""
    moment = now or timezone.now()
    done = 0
    with write():
        for piece in batched(sorted(set(about) - {""}), _PIECE):
            done += Message.objects.filter(about__in=piece, done_at=None).update(done_at=moment)
        if done:
            audit.record(actor, "platform.settle_messages", "messages", {"count": done})
    return done


def mark(
    actor: Actor, *, ids: Collection[int] | None = None, up_to: int | None = None, read: bool = True,
    now: datetime.datetime | None = None,
) -> int:  # fmt: skip
    """Mark own messages as read or unread: those of ``ids``, or all up to the number ``up_to`` that was seen. Another's
    are not there. Returns how many changed.

    No entry in the audit log: whether somebody has read stands in the row, and changes nothing for anybody else.
    """
    if actor.user_id is None:
        raise Refused("refused", "只有登录用户有消息。", "Only accounts have messages.")
    chosen = Q(pk__in=list(ids)[:_PIECE]) if ids is not None else Q(pk__lte=up_to or 0)
    found = Message.objects.filter(chosen, user_id=actor.user_id)
    if read:
        return found.filter(read_at=None).update(read_at=now or timezone.now())
    return found.exclude(read_at=None).update(read_at=None)
