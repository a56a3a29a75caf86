"""The paper ledger (书面台账) of a village: its rows, the digest of them, and what the register says otherwise by now.

The digest is over what stands in the register, not over the paper: who reads the same data gets the same digest,
whoever prints and whenever.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tuopin.core.standards.model import PackError
from tuopin.platform.access import SENSITIVE, field_classes_at, require
from tuopin.platform.auditing import audit, readlog
from tuopin.platform.auditing.signing import SignedHead, is_genuine, trusted_keys
from tuopin.platform.database import write
from tuopin.platform.documents import pdf
from tuopin.platform.models import AuditHead, AuditLink
from tuopin.platform.problems import Missing, Problem
from tuopin.register import selectors as register
from tuopin.register.correcting.subjects import listed
from tuopin.register.permissions import VIEW_HOUSEHOLD
from tuopin.standards import results
from tuopin.standards.models import Evaluation, Verdict
from tuopin.standards.packs import get_pack, get_prepared
from tuopin.standards.permissions import VIEW as VIEW_VERDICTS
from tuopin.standards.selectors import decode

from ..models import LedgerPrint
from ..permissions import PRINT_PAPERS, VIEW_CARDS
from . import content
from .printing import office_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

TEMPLATE = "duties/cards/typst/ledger.typ"
SHORT = 16
"""Characters of a digest that are typed to check a paper: 64 bits."""
SIGNS = {"met": "✓ 达标", "not_met": "× 未达标", "unknown": "? 未知", "not_applicable": "– 不适用"}


@dataclass(frozen=True, slots=True)
class Ledger:
    """``rows``: household's code → what the register says of it; ``items``: (key, title) of the verdicts' columns."""

    village: AreaVersion
    run: Evaluation | None
    items: tuple[tuple[str, str], ...]
    rows: Mapping[str, Mapping[str, Any]]

    @property
    def digests(self) -> dict[str, str]:
        """SHA-256 of each row."""
        return {code: _digest(row) for code, row in self.rows.items()}

    @property
    def digest(self) -> str:
        """SHA-256 over the rows' digests, in the order of codes, and what the columns are."""
        return _digest([self.run.standard if self.run else "", [key for key, _title in self.items], self.digests])


def _digest(document: object) -> str:
    return hashlib.sha256(audit.canonical(document)).hexdigest()


def read(actor: Actor, code: str, permission: str = VIEW_CARDS) -> Ledger:
    """The ledger of a village as the register stands. Raises Missing, Refused, Problem for an area that is none."""
    village = register.area(actor, code)
    require(actor, permission, area_path=village.path)
    require(actor, VIEW_HOUSEHOLD, area_path=village.path)
    if village.level != "village":
        raise Problem("ledger_by_village", "书面台账按村打印。请先选择一个村。", "A paper ledger is of one village.")
    day = timezone.localdate()
    found = content.of_village(village, day)
    runs = [run for run in results.newest(village) if run.level == "household"]
    run = results.leading(runs)
    verdicts = _verdicts(run, [each.household_id for each in found])
    rows = {each.code: {**_row(each), "verdicts": verdicts.get(each.household_id, {})} for each in found}
    return Ledger(village, run, _items(run), rows)


def _row(each: content.Content) -> dict[str, Any]:
    return {
        "head": each.head, "group": each.group, "members": each.members, "status": each.status,
        "helpers": [[who.role, who.name, who.phone] for who in each.helpers],
        "measures": [[row.sort, row.content, row.due, row.done] for row in each.measures], "more": each.more,
    }  # fmt: skip


def _verdicts(run: Evaluation | None, keys: Sequence[int]) -> dict[int, dict[str, str]]:
    if run is None:
        return {}
    rows = Verdict.objects.filter(evaluation_id=run.pk, subject_id__in=listed(keys))
    return {row.subject_id: decode(run, row.letters) for row in rows}


def _items(run: Evaluation | None) -> tuple[tuple[str, str], ...]:
    if run is None:
        return ()
    try:
        titles = {each.key: each.short.zh for each in get_pack(run.pack).standard(run.standard).items}
    except (Problem, PackError):  # the pack is gone, or no longer loads
        titles = {}
    return (("overall", "总判定"), *((key, titles.get(key, key)) for key in run.items))


# -- printing -----------------------------------------------------------------------------------------------------


def print_ledger(actor: Actor, code: str) -> tuple[bytes, LedgerPrint]:
    """The PDF, and the row that says what was printed. Must not run inside a transaction."""
    ledger = read(actor, code, PRINT_PAPERS)
    require(actor, VIEW_VERDICTS, area_path=ledger.village.path)
    hidden = _hidden(actor, ledger)
    audit.chain_pending()
    head = AuditHead.objects.order_by("-seq").first()
    digest, today = ledger.digest, timezone.localdate()
    made = pdf.pdf_bytes(TEMPLATE, _document(ledger, hidden, digest, head, today), today)
    readlog.read(actor, "duties.ledger", {"area": code}, len(ledger.rows), hashlib.sha256(made).hexdigest())
    with write():
        row = LedgerPrint.objects.create(
            area_id=ledger.village.area_id, day=today, evaluation_id=ledger.run.pk if ledger.run else None,
            digest=digest, rows=ledger.digests, seq=head.seq if head else 0, head=head.hash if head else "",
            head_key=head.key if head else "", signature=head.signature if head else "", at=timezone.now(),
            actor=actor.name or actor.os_user, user_id=actor.user_id,
        )  # fmt: skip
        detail: dict[str, object] = {
            "area": ledger.village.code, "households": len(ledger.rows), "left_out": sorted(hidden)
        }  # fmt: skip
        audit.record(actor, "duties.print_ledger", f"ledger:{row.pk}", detail, digest)
    return made, row


def _hidden(actor: Actor, ledger: Ledger) -> frozenset[str]:
    """The items that do not go on this paper: a paper is read by many, so that what rests on a class of fields that is
    closed to who prints it stays off. The digest is over all of them, whoever prints."""
    path = ledger.village.path
    opened = [field_classes_at(actor, each, path) for each in (PRINT_PAPERS, VIEW_HOUSEHOLD)]
    closed = frozenset().union(*(SENSITIVE - each for each in opened if each is not None))
    run = ledger.run
    if run is None or not closed:
        return frozenset()
    try:
        prepared = get_prepared(run.pack, run.standard, run.day)
    except (Problem, PackError, KeyError):  # the pack no longer loads: any of them may rest on such a class
        return frozenset(run.items)
    facts = {
        (table.level, fact.name) for table in prepared.catalogue.tables for fact in table.facts
        if fact.field_class in closed
    }  # fmt: skip
    return frozenset(
        each.key
        for each in prepared.items
        if not facts.isdisjoint({*each.test.facts, *(each.applies.facts if each.applies is not None else ())})
    )


def _document(
    ledger: Ledger, hidden: Collection[str], digest: str, head: AuditHead | None, today: date
) -> dict[str, Any]:
    run = ledger.run
    items = [(key, title) for key, title in ledger.items if key not in hidden]
    return {
        "title": f"{ledger.village.name} 精准扶贫台账", "office": office_of(ledger.village),
        "place": content.place_of(ledger.village, today), "day": today.isoformat(),
        "judged": f"{run.day.isoformat()} 核查（{run.pack} {run.pack_version}）" if run else "还没有核查",
        "draft": bool(run and run.draft), "items": [title for _key, title in items],
        "hidden": "、".join(title for key, title in ledger.items if key in hidden),
        "rows": [
            {
                "code": code, "head": row["head"], "group": row["group"], "members": str(row["members"]),
                "status": row["status"], "measures": _measures(row),
                "helpers": "；".join(f"{name} {phone}".strip() for _role, name, phone in row["helpers"]),
                "verdicts": [SIGNS.get(row["verdicts"].get(key, ""), "") for key, _title in items],
            }
            for code, row in ledger.rows.items()
        ],
        "persons": str(sum(row["members"] for row in ledger.rows.values())),
        "digest": digest, "short": grouped(digest[:SHORT]),
        "head": f"第 {head.seq} 号 {head.hash}" if head else "无",
        "signature": head.signature if head else "", "key": head.key[:16] if head else "",
    }  # fmt: skip


def _measures(row: Mapping[str, Any]) -> str:
    named = [f"{sort}：{text}{'（已落实）' if done else ''}" for sort, text, _due, done in row["measures"]]
    return "；".join([*named, *([f"另 {row['more']} 项"] if row["more"] else [])])


def grouped(text: str) -> str:
    """In fours, as it is typed from paper."""
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


# -- checking a paper ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Checked:
    """A paper held against the register of now. ``chain``: the audit chain still holds the head that was printed."""

    row: LedgerPrint
    same: bool
    changed: tuple[str, ...]
    added: tuple[str, ...]
    gone: tuple[str, ...]
    columns: bool
    chain: bool


def printed(actor: Actor, village: AreaVersion, most: int = 20) -> list[LedgerPrint]:
    """The newest ledgers of a village that were printed. Raises Refused."""
    require(actor, VIEW_CARDS, area_path=village.path)
    return list(LedgerPrint.objects.filter(area_id=village.area_id).defer("rows").order_by("-pk")[:most])


def check(actor: Actor, code: str, text: str) -> Checked:
    """A paper by the digest that stands on it, or its first sixteen characters. Raises Missing where none was printed
    for this village."""
    given = "".join(text[:200].split()).lower()
    village = register.area(actor, code)
    require(actor, VIEW_CARDS, area_path=village.path)
    known = LedgerPrint.objects.filter(area_id=village.area_id, digest__startswith=given).order_by("-pk")
    row = known.first() if SHORT <= len(given) <= 64 and given.isascii() and given.isalnum() else None
    if row is None:
        raise Missing(
            "no_such_ledger",
            "这个村没有打印过摘要是这个的台账。请对照纸上的核对码再输一次；仍没有，则纸上的内容不是本系统打印的。",
            "No ledger with this digest was printed for this village. Check what you typed; if it stays so, the paper"
            " was not printed here.",
        )
    now = read(actor, code)
    readlog.read(actor, "duties.check_ledger", {"ledger": row.pk}, len(now.rows))
    before, after = row.rows, now.digests
    return Checked(
        row=row, same=row.digest == now.digest,
        changed=tuple(sorted(each for each in before if each in after and before[each] != after[each])),
        added=tuple(sorted(set(after) - set(before))), gone=tuple(sorted(set(before) - set(after))),
        columns=before == after and row.digest != now.digest, chain=_chain_holds(row),
    )  # fmt: skip


def _chain_holds(row: LedgerPrint) -> bool:
    """Whether the head was signed by a key that this installation trusts, and the chain still has that hash there."""
    if not row.seq:
        return False
    signed = SignedHead(row.seq, row.head, row.head_key, row.signature)
    there = AuditLink.objects.filter(seq=row.seq).values_list("hash", flat=True).first()
    return there == row.head and is_genuine(signed, trusted_keys())
