"""Numbers of papers (发文字号): words of offices, where their counting begins, the drawing of a number.

A number is drawn in the transaction of the issue, under the lock of its counter: two issues at one moment get two
numbers, and one that fails takes none with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.core.papers import LARGEST_SERIAL
from tuopin.duties.assigning import targets
from tuopin.platform import database
from tuopin.platform.access import may
from tuopin.platform.auditing import audit
from tuopin.platform.problems import Missing, Problem

from .. import reach
from ..models import NumberCounter, NumberWord, OrderPaper, PetitionLetter
from ..permissions import HANDLE, ISSUE, PETITIONS

if TYPE_CHECKING:
    from tuopin.platform.access import Actor

LONGEST_WORD = 20
WRITING = (ISSUE, HANDLE, PETITIONS)
"""What somebody may do who writes for an organisation."""
_FORBIDDEN = frozenset("〔〕[]（）()号第\"'<>=+-@")


def add_word(actor: Actor, organisation_id: int, word: str) -> NumberWord:
    """Let an organisation number by a word; one that it has already is returned. Raises Missing, Problem."""
    reachable(actor, organisation_id)
    word = "".join(word.split())
    if not 1 <= len(word) <= LONGEST_WORD or not word.isprintable() or _FORBIDDEN & set(word):
        raise Problem(
            "bad_word",
            f"机关代字 1 至 {LONGEST_WORD} 字，不带括号、年份和“号”，例如“示脱贫办”。",
            f"The word has 1 to {LONGEST_WORD} characters, without brackets, year or 号.",
        )
    with database.write():
        row, new = NumberWord.objects.get_or_create(organisation_id=organisation_id, word=word)
        if new:
            audit.record(actor, "orders.add_number_word", f"number_word:{row.pk}", {"organisation": organisation_id})
    return row


def begin(actor: Actor, word_id: int, year: int, last: int) -> NumberCounter:
    """Say the last number that was given on paper before the product counts, once, before it drew one itself.

    Raises Missing, Problem: the year, a number out of bounds, numbers drawn already.
    """
    word = word_of(actor, word_id)
    this = timezone.localdate().year
    if not this - 1 <= year <= this or not 0 <= last < LARGEST_SERIAL:
        raise Problem(
            "bad_number", "起始号只能设今年或去年的，号码应为 0 到 999998。",
            "Only this year’s or last year’s counting can be begun, at a number from 0 to 999998.",
        )  # fmt: skip
    with database.write():
        row = _locked(word, year)
        drawn = (OrderPaper, PetitionLetter)
        if any(each._default_manager.filter(word=word, year=year).exists() for each in drawn):
            raise Problem(
                "numbers_drawn", "这一年已经用系统编过号，不能再改起始号。",
                "Numbers of this year were drawn already: where they begin stays as it is.",
            )  # fmt: skip
        row.last = last
        row.save(update_fields=["last"])
        audit.record(actor, "orders.begin_numbers", f"number_word:{word.pk}", {"year": year, "last": last})
    return row


def draw(word: NumberWord, year: int, count: int) -> int:
    """The first of ``count`` numbers in a row, in the transaction of the issue. Raises Problem beyond six digits."""
    row = _locked(word, year)
    if row.last + count > LARGEST_SERIAL:
        raise Problem("bad_number", "这个代字今年的号码已经用完。", "The numbers under this word are used up.")
    first = row.last + 1
    row.last += count
    row.save(update_fields=["last"])
    return first


def _locked(word: NumberWord, year: int) -> NumberCounter:
    NumberCounter.objects.bulk_create([NumberCounter(word=word, year=year)], ignore_conflicts=True)
    return NumberCounter.objects.select_for_update().get(word=word, year=year)


def word_of(actor: Actor, word_id: int) -> NumberWord:
    """A word of an organisation within the grants. Raises Missing; the two look alike."""
    row = NumberWord.objects.filter(pk=word_id).first() if word_id < 2**63 else None
    if row is None or not _writes_for(actor, row.organisation_id):
        raise Missing(
            "no_such_word", "没有这个机关代字，或不在您的权限范围内。", "There is no such word within your grants."
        )
    return row


def reachable(actor: Actor, organisation_id: int) -> None:
    """Raise Missing unless the actor writes for the organisation: orders, handles or keeps petitions where it works, or
    has a grant over itself."""
    if not _writes_for(actor, organisation_id):
        raise targets.outside()


def _writes_for(actor: Actor, organisation_id: int) -> bool:
    if any(organisation_id in reach.own_organisations(actor, each) for each in WRITING):
        return True
    day = timezone.localdate()
    for permission in WRITING:
        if may(actor, permission):
            try:
                targets.reachable(actor, permission, "organisation", [organisation_id], day)
            except Missing:
                continue
            return True
    return False
