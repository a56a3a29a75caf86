"""Printing cards: new codes, the old ones dead, the PDF for whoever asked. The file is written first and the codes
after it, in one transaction: codes that nobody holds on paper never live."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from django.conf import settings
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform import downloads
from tuopin.platform.access import require
from tuopin.platform.auditing import audit, readlog
from tuopin.platform.database import exclusive, write
from tuopin.platform.documents import pdf
from tuopin.platform.documents.squares import square
from tuopin.platform.problems import Problem
from tuopin.register import selectors as register
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion
from tuopin.register.permissions import VIEW_HOUSEHOLD

from ..answering import helpers
from ..models import CardCode, CardPrint, Official
from ..permissions import PRINT_CARDS
from . import content
from .codes import grouped, key_of, new_code
from .fitting import fitted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from tuopin.platform.access import Actor
    from tuopin.platform.models import Download

    from .content import Content

TEMPLATE = "duties/cards/typst/cards.typ"
MOST = 3_000
"""Households of one printing: a township's."""
COPIES: Mapping[str, tuple[str, ...]] = {
    "both": (CardCode.Copy.HOUSEHOLD, CardCode.Copy.HELPER),
    "household": (CardCode.Copy.HOUSEHOLD,),
    "helper": (CardCode.Copy.HELPER,),
}
type Only = Literal["due", "all"]
type Progress = Callable[[int, int], None]
PATH = "/duties/card/"
"""Where the public page is; the code stands behind a #, which no browser sends (docs/decisions/0089)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A card to be printed: what it says, and the copies with their new codes."""

    content: Content
    codes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a printing would do: each household with the copies that it gets. ``left_out``: households that the actor
    helps, whose own copy somebody else prints; ``dying``: living cards that it would make worthless, ``handed`` those
    of them that were handed over."""

    cards: tuple[tuple[Content, tuple[str, ...]], ...]
    left_out: frozenset[int]
    dying: int = 0
    handed: int = 0


def public_address() -> str:
    """Where the public page is reached, without the code; empty where the installation has no public address."""
    address: str = settings.TUOPIN_PUBLIC_ADDRESS
    return f"{address}{PATH}" if address else ""


def villages_of(actor: Actor, code: str) -> tuple[AreaVersion, list[AreaVersion]]:
    """An area that cards may be printed for, and its villages in the order of codes. Raises Missing, Refused."""
    area = register.area(actor, code)
    require(actor, PRINT_CARDS, area_path=area.path)
    require(actor, VIEW_HOUSEHOLD, area_path=area.path)
    if area.level not in {"village", "township"}:
        raise Problem(
            "cards_by_village",
            "明白卡按村或乡镇打印。请先选择一个村或乡镇。",
            "Cards are printed by village or township. Choose one first.",
        )
    low, high = register.subtree(area)
    found = AreaVersion.objects.filter(path__gte=low, path__lt=high, level="village", valid_to=None)
    return area, list(found.order_by("code"))


def plan(actor: Actor, code: str, copies: str, only: Only, one: str = "") -> Plan:
    """What a printing would do; nothing is written. ``one``: the code of a single household. Raises Problem."""
    if copies not in COPIES or only not in {"due", "all"}:
        raise Problem("bad_form", "请从页面上的按钮提交。", "Use the buttons of the page.")
    _area, villages = villages_of(actor, code)
    day = timezone.localdate()
    chosen = None if not one else [register.household(actor, one).household.pk]
    found = content.of_villages(villages, day, chosen)
    keys = [each.household_id for each in found]
    living, own = living_codes(keys), helped_by(actor, keys)
    cards, left_out, ending = [], set(), []
    for each in found:
        held = {row.copy: row for row in living.get(each.household_id, [])}
        kinds = [kind for kind in COPIES[copies] if only == "all" or is_due(each, held.get(kind))]
        if CardCode.Copy.HOUSEHOLD in kinds and each.household_id in own:
            left_out.add(each.household_id)
            kinds.remove(CardCode.Copy.HOUSEHOLD)
        if kinds:
            cards.append((each, tuple(kinds)))
            ending += [held[kind] for kind in kinds if kind in held]
    if len(cards) > MOST:
        raise Problem(
            "too_many_cards", f"一次最多打印 {MOST:,} 户。请按村打印。", f"At most {MOST:,} households at once."
        )
    handed = sum(row.handed_on is not None for row in ending)
    return Plan(tuple(cards), frozenset(left_out), len(ending), handed)


def living_codes(household_ids: Iterable[int]) -> dict[int, list[CardCode]]:
    """The living cards of households: one statement."""
    found: dict[int, list[CardCode]] = {}
    for row in CardCode.objects.filter(household_id__in=listed(household_ids), ended_at=None):
        found.setdefault(row.household_id or 0, []).append(row)
    return found


def is_due(each: Content, card: CardCode | None) -> bool:
    """Whether a copy is lacking, or says something else than it should by now."""
    return card is None or card.content != each.digest


def helped_by(actor: Actor, household_ids: Sequence[int]) -> frozenset[int]:
    """Those of the households that the actor helps: by account, or by the name of the official of that account. The
    household's own copy bears the code by which it complains, and its helper must not hold that."""
    if actor.user_id is None or not household_ids:
        return frozenset()
    names = set(Official.objects.filter(user_id=actor.user_id).values_list("name", flat=True))
    found = helpers(household_ids, timezone.localdate())
    return frozenset(key for key, (named, users) in found.items() if actor.user_id in users or names & named)


def print_cards(
    actor: Actor,
    code: str,
    copies: str,
    only: Only,
    *,
    one: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> Download | None:
    """Make the PDF and its codes; None where no card is due. The old codes of these copies end with it.

    ``progress(done, total)`` in households. Must not run inside a transaction. Raises Problem.
    """
    planned = plan(actor, code, copies, only, one)
    area, _villages = villages_of(actor, code)
    wanted = [Wanted(each, {kind: new_code() for kind in kinds}) for each, kinds in planned.cards]
    if not wanted:
        return None

    def fill(path: Path) -> int:
        data = document(area, wanted, progress)
        pdf.write_pdf(TEMPLATE, data, path, timezone.localdate())
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        readlog.read(actor, "duties.cards", {"area": area.code, "copies": copies}, len(wanted), digest)
        _keep(actor, area, copies, planned, wanted, digest)
        return len(wanted)

    return downloads.keep(
        actor, fill, name=f"明白卡-{area.name}-{timezone.localdate()}.pdf",
        title=Title(f"明白卡：{area.name} {len(wanted)} 户", f"Cards: {area.name}, {len(wanted)} households"),
        content_type=pdf.PDF, permissions=[PRINT_CARDS, VIEW_HOUSEHOLD], what="duties.cards",
        filter={"area": area.code, "copies": copies},
    )  # fmt: skip


def document(
    area: AreaVersion, wanted: Sequence[Wanted], progress: Progress | None = None, *, sample: bool = False
) -> dict[str, Any]:
    """The data of the template. Two cards stand on a sheet: the two copies of a household, or two households."""
    address, today = public_address(), timezone.localdate()
    cards = []
    for at, each in enumerate(wanted, start=1):
        printed = [
            {"kind": kind, "code": grouped(code), "square": square(f"{address}#{code}") if address else None}
            for kind, code in each.codes.items()
        ]
        cards.append({**each.content.document(), **fitted(each.content, today), "copies": printed})
        if progress is not None:
            progress(at, len(wanted))
    return {
        "title": f"精准帮扶明白卡 {area.name}", "office": office_of(area), "made": today.isoformat(),
        "voice": settings.TUOPIN_VOICE_PHONE, "address": address.partition("://")[2], "sample": sample, "cards": cards,
    }  # fmt: skip


def office_of(area: AreaVersion) -> str:
    """Whose paper it is: the county, else the area itself."""
    return next((each.name for each in register.ancestors(area) if each.level == "county"), area.name)


def _keep(actor: Actor, area: AreaVersion, copies: str, planned: Plan, wanted: Sequence[Wanted], digest: str) -> None:
    now = timezone.now()
    with exclusive("duties-cards"), write():
        printing = CardPrint.objects.create(
            area_id=area.area_id, copies=copies, count=len(wanted), left_out=len(planned.left_out), digest=digest,
            at=now, actor=actor.name or actor.os_user, user_id=actor.user_id,
        )  # fmt: skip
        for kind in COPIES[copies]:
            keys = [each.content.household_id for each in wanted if kind in each.codes]
            old = CardCode.objects.filter(household_id__in=listed(keys), copy=kind, ended_at=None)
            old.update(ended_at=now, ended=CardCode.Ended.REPRINTED)
        CardCode.objects.bulk_create(
            [
                CardCode(
                    copy=kind, household_id=each.content.household_id, key=key_of(code), content=each.content.digest,
                    printing=printing, at=now,
                )
                for each in wanted
                for kind, code in each.codes.items()
            ],
            batch_size=500,
        )  # fmt: skip
        detail: dict[str, object] = {
            "area": area.code, "copies": copies, "households": len(wanted), "left_out": len(planned.left_out)
        }  # fmt: skip
        audit.record(actor, "duties.print_cards", f"card_print:{printing.pk}", detail, digest)


def preview(actor: Actor, code: str, one: str = "") -> bytes:
    """The first card that would be printed, or that of one household, as a picture: with a code that opens nothing."""
    planned = plan(actor, code, "both", "all", one)
    area, _villages = villages_of(actor, code)
    if not planned.cards:
        raise Problem("no_cards", "这里没有应发明白卡的户。", "No household here gets a card.")
    first = Wanted(planned.cards[0][0], dict.fromkeys(COPIES["both"], "0" * 20))
    readlog.read(actor, "duties.card_preview", {"area": area.code}, 1)
    data = document(area, [first], sample=True)
    return pdf.pictures(TEMPLATE, data, timezone.localdate())[0]
