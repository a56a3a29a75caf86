"""The messages about signs: a number and a day, no title of a sign and nobody's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform.outbox.services import Letter

from ..clock.chain import Chains
from ..clock.people import People

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import date, datetime

    from ..models import HungSign

PAGE = "orders:hung_sign"
_SAID = {
    "hung": ("orders.hung", Title("{word} 已挂牌，{day} 起督战", "{word}: a sign was hung on {day}")),
    "handed": ("orders.hung", Title("{word} 由您督战", "{word}: you supervise from now on")),
    "asked": (
        "orders.hung_due",
        Title("{word} 每周清单新布置 {n} 项，最早 {day} 前答复", "{word}: {n} asked, the first due by {day}"),
    ),
    "answered": ("orders.hung_check", Title("{word} 每周清单已答复，请核对", "{word}: an answer is to be checked")),
    "returned": ("orders.hung_due", Title("{word} 答复被退回，{day} 前重新答复", "{word}: answer again by {day}")),
    "off": ("orders.hung", Title("{word} 已摘牌", "{word}: the sign came off")),
    "withdrawn": ("orders.hung", Title("{word} 挂牌已撤回", "{word}: the sign was withdrawn")),
    "due": ("orders.hung_due", Title("{word} 每周清单应于 {day} 前答复", "{word}: an answer is due by {day}")),
    "late": ("orders.hung_late", Title("{word} 每周清单过期未答（{day}）", "{word}: no answer by {day}")),
    "late_again": ("orders.hung_late", Title("{word} 过期后仍未答复（{day}）", "{word}: no answer since {day}")),
    "check": ("orders.hung_check", Title("{word} 有答复久未核对", "{word}: an answer has waited for days")),
    "unasked": ("orders.hung_late", Title("{word} {day} 起的一周未布置清单", "{word}: nothing asked, week of {day}")),
    "reassigned": (
        "orders.hung_late",
        Title("{word} 事项已改派，请撤回后重新挂牌", "{word}: the matter has another holder, hang it anew"),
    ),
    "vacant": ("orders.hung_late", Title("{word} 督战人已离任，请移交", "{word}: the supervisor left, hand it over")),
}  # fmt: skip


def about(sign_id: int) -> str:
    """What messages about a sign are about; see ``outbox.settle``."""
    return f"hung:{sign_id}"


def about_item(item_id: int) -> str:
    """The same for one item."""
    return f"hung_item:{item_id}"


def about_day(sign_id: int, due: date) -> str:
    """The same for what is asked by one day."""
    return f"hung_day:{sign_id}:{due:%Y%m%d}"


class Teller:
    """Makes the letters about some signs; those who hear are read in a fixed number of statements."""

    def __init__(self, rows: Iterable[HungSign], now: datetime) -> None:
        self.now = now
        self.people = People(Chains(timezone.localdate(now)))
        signs = list(rows)
        holders = {row.holder_id for row in signs}
        self.people.chains.know(holders)
        self.people.know(holders, {row.office_id for row in signs}, {row.supervisor_id for row in signs})

    def holder(self, row: HungSign) -> tuple[int, ...]:
        """Who hears for the unit that answers; where nobody can be reached there, the next above."""
        return self.people.office(row.holder_id) or self.people.superiors(row.holder_id, 1)

    def supervisor(self, row: HungSign) -> tuple[int, ...]:
        """The supervisor; the office that hung it where that person has no account."""
        return self.people.official(row.supervisor_id) or self.office(row)

    def office(self, row: HungSign) -> tuple[int, ...]:
        return self.people.office(row.office_id)

    def above(self, row: HungSign) -> tuple[int, ...]:
        """Those above the unit that answers."""
        return self.people.superiors(row.holder_id, 1)

    def letters(
        self, users: Collection[int], what: str, row: HungSign, key: str, day: date, subject: str = "", n: int = 1
    ) -> Iterator[Letter]:
        """One letter a person. ``key`` names it for ever among those of the sign; ``day`` is the day it speaks of,
        ``subject`` what it is about (the sign, if nothing is said), ``n`` how many."""
        kind, title = _SAID[what]
        name = word(row.pk)
        parameters: dict[str, int | str | date] = {"word": name, "day": day, "n": n}
        for user in dict.fromkeys(users):
            yield Letter(
                user, f"{about(row.pk)}:{key}", kind, timezone.localdate(self.now), title, parameters, name, PAGE,
                [row.pk], subject or about(row.pk),
            )  # fmt: skip


def word(number: int) -> str:
    """How a message calls a sign."""
    return f"№ {number}"
