"""What changes matters: drafting, and one service for every act of the table. Each takes a set, each is one entry of
the audit. The time is an input; a closing is one by one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tuopin.core import matters as core
from tuopin.duties.assigning import targets
from tuopin.duties.selectors import officials
from tuopin.platform import database, evidence
from tuopin.platform.access import may, require
from tuopin.platform.auditing import audit
from tuopin.platform.evidence import Paper
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.correcting.subjects import listed

from . import copies, joining, limits, reach
from .alike import carrying
from .changes import CHANGES, Given
from .clock import reporting, stood
from .closings import services as closings
from .families import beyond, tree
from .kinds import require as require_keys
from .models import Matter, MatterEvent, MatterSubject, MatterText, MatterUnit
from .permissions import ISSUE, PETITIONS
from .petitions import audience, guard
from .petitions import changes as petitions
from .petitions.counting import few

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from tuopin.core.matters import Transition
    from tuopin.platform.access import Actor

MOST = 5_000
"""Matters in one act."""
ONE_BY_ONE = frozenset({"done", "verify", "close", "look_back", "answer", "satisfied", "split", *petitions.CHANGES})
"""Acts that nobody does in bulk: each is somebody's word about one matter."""
PAPER = "matter"
"""What papers are about; the item is the act."""
_FIELDS = [
    "state", "urgency", "holder", "official", "issued_at", "limit_at", "by_hours", "provisional", "extensions",
    "asked_until", "stopped_from", "stopped_until", "reported_up", "within_authority", "done_at", "closed_at",
    "look_back_on", "reopened", "into", "parent", "step", "next_at", "version", "changed_at",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class SubjectRef:
    """Whom or what a matter is about; ``origin``, ``standard``, ``item``: the finding that it was opened for."""

    level: str
    id: int
    origin: str = ""
    standard: str = ""
    item: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A matter as it is to be opened. ``joint``: organisations that take part; ``label``: the number it bears in a
    ledger from elsewhere."""

    kind: str
    title: str
    area_id: int
    urgency: str = "ordinary"
    source: str = ""
    category: str = ""
    label: str = ""
    issuer_id: int | None = None
    holder_id: int | None = None
    official_id: int | None = None
    verifier_id: int | None = None
    parent_id: int | None = None
    text: str = ""
    basis: str = ""
    demand: str = ""
    root_cause: str = ""
    measure: str = ""
    joint: tuple[int, ...] = ()
    subjects: tuple[SubjectRef, ...] = field(default=())


def draft(actor: Actor, drafts: Sequence[Draft], now: datetime) -> list[Matter]:
    """Open matters as drafts; returns them in the order given. Raises Refused, Missing for an area, organisation or
    parent outside the grants, Problem."""
    if not 1 <= len(drafts) <= MOST:
        raise Problem("bad_matters", f"一次 1 至 {MOST} 件。", f"1 to {MOST} matters at a time.", most=MOST)
    for each in drafts:
        _check(each)
    _reach(actor, drafts, now)
    with database.write():
        parents = {each.parent_id for each in drafts if each.parent_id is not None}
        if parents:
            _parents(actor, parents)
        first = database.reserve_ids(Matter, len(drafts))
        rows = [_row(first + at, each, now) for at, each in enumerate(drafts)]
        Matter.objects.bulk_create(rows, batch_size=500)
        write_beside(list(zip(rows, drafts, strict=True)), now)
        write_events(actor, rows, "draft", now, [{} for _row in rows], came_from="")
        detail: dict[str, object] = {"matters": _told(rows), "kinds": sorted({each.kind for each in drafts})}
        audit.record(actor, "orders.draft_matter", f"matter:{rows[0].pk}", detail)
    return rows


def act(
    actor: Actor, name: str, ids: Collection[int], given: Given, now: datetime, seen: Mapping[int, int] | None = None
) -> list[Matter]:
    """Do one act of the table to matters; all or none. ``seen``: their versions as the actor's form had them.

    Returns the rows as they stand then. Raises Missing for one that is outside the grants or not there, Refused for
    the wrong hands, Problem (one code a refusal of the table, or of what the act means).
    """
    row = core.ACTS.get(name)
    wanted = sorted(set(ids))
    if row is None or name == "draft":
        raise Problem("no_such_act", "没有这个操作。", "There is no such act.")
    if not 1 <= len(wanted) <= (1 if name in ONE_BY_ONE else MOST):
        raise Problem(
            "one_by_one" if name in ONE_BY_ONE else "bad_matters",
            f"“{row.title.zh}”须逐件办理。" if name in ONE_BY_ONE else f"一次 1 至 {MOST} 件。",
            f"“{row.title.en}” is done one by one." if name in ONE_BY_ONE else f"1 to {MOST} matters at a time.",
        )
    if len(given.note) > 2000 or "\0" in given.note + given.reference or len(given.reference) > 200:
        raise Problem("bad_text", "文字过长或含有不能保存的字符。", "The text is too long, or cannot be kept.")
    _people(actor, given, now)
    with database.write():
        if name in {"merge", "attach"}:
            tree.alone()
        if name in closings.WORD:
            closings.alone()
        other = {"merge": given.into_id, "attach": given.parent_id}.get(name)
        beside = {other} if other is not None else set()
        every = sorted({*wanted, *beside})  # locked in one order, so that two merges never wait for each other
        held = Matter.objects.select_for_update(of=("self",)).filter(reach.visible(actor, keys=every))
        rows = {each.pk: each for each in held.order_by("pk")}
        if len(rows) < len(every):
            raise missing()
        matters = [rows[each] for each in wanted]
        _allowed(actor, row, matters, given, seen)
        closings.check(actor, name, matters)
        _joined(actor, name, matters, rows.get(other or 0), given, now)
        before = [each.state for each in matters]
        said = _said(name, matters, given, now)
        data = [_changed(row, each, one, now) for each, one in zip(matters, said, strict=True)]
        tree.within_wholes(name, matters, data, given, now)
        guard.after(actor, name, matters, data, given, now)
        Matter.objects.bulk_update(matters, _FIELDS, batch_size=500)
        if name in {"issue", "reassign"}:
            copies.send(matters, data, now)
        _papers(actor, row, matters, given, now)
        write_events(actor, matters, name, now, data, before=before, note=given.note.strip())
        closings.after(actor, name, matters, now)
        detail: dict[str, object] = {"act": name, "matters": _told(matters)}
        audit.record(actor, f"orders.{name}", f"matter:{matters[0].pk}", detail)
        reporting.tell(actor, name, matters, now)
        if name in beyond.MOVES:
            beyond.tell(actor, matters, now)
        if name == "merge":
            _merge(actor, matters, rows[given.into_id or 0], now)
        elif name == "attach":
            _attach(actor, matters, rows[given.parent_id or 0], now)
        elif name == "split":
            _split(actor, matters[0], given, now)
    return matters


def _told(rows: Sequence[Matter]) -> int | str:
    """How many matters an act was about, as the audit says it: of petitions no small number."""
    return few(len(rows)) if any(each.kind == Matter.Kind.PETITION for each in rows) else len(rows)


def missing() -> Missing:
    """What is said of a matter that is not there, or not for this reader."""
    return Missing(
        "no_such_matter",
        "没有找到这件事项，或不在您的权限范围内。",
        "There is no such matter, or none within your grants.",
    )


def write_events(
    actor: Actor,
    matters: Sequence[Matter],
    act_name: str,
    now: datetime,
    data: Sequence[dict[str, Any]],
    *,
    before: Sequence[str] | None = None,
    came_from: str = "",
    note: str = "",
) -> None:
    """One event a matter, inside the transaction of the act."""
    sources = before if before is not None else [came_from] * len(matters)
    MatterEvent.objects.bulk_create(
        (
            MatterEvent(
                matter_id=row.pk, act=act_name, at=now, user_id=actor.user_id, actor=reach.signature(actor),
                came_from=source, went_to=row.state, note=note, data=each,
            )
            for row, source, each in zip(matters, sources, data, strict=True)
        ),
        batch_size=500,
    )  # fmt: skip


def write_beside(made: Sequence[tuple[Matter, Draft]], now: datetime) -> None:
    """Texts, units and subjects of new matters, inside their transaction. Raises Problem for a finding that has its
    matter already."""
    MatterText.objects.bulk_create(
        (
            MatterText(
                matter=row, text=each.text.strip(), basis=each.basis.strip(), demand=each.demand.strip(),
                root_cause=each.root_cause.strip(), measure=each.measure.strip(),
            )
            for row, each in made
        ),
        batch_size=500,
    )  # fmt: skip
    MatterUnit.objects.bulk_create(
        (
            MatterUnit(matter=row, organisation_id=one, role=MatterUnit.Role.JOINT, added_at=now)
            for row, each in made
            for one in dict.fromkeys(each.joint)
        ),
        batch_size=500,
    )
    MatterSubject.objects.bulk_create(
        (
            MatterSubject(
                matter=row, origin=one.origin, standard=one.standard, item=one.item, **{f"{one.level}_id": one.id}
            )
            for row, each in made
            for one in each.subjects
        ),
        batch_size=500,
    )


def _row(number: int, each: Draft, now: datetime) -> Matter:
    return Matter(
        pk=number, kind=each.kind, state="draft", source=each.source, category=each.category, urgency=each.urgency,
        title=each.title.strip(), label=each.label.strip(), area_id=each.area_id, issuer_id=each.issuer_id,
        holder_id=each.holder_id, official_id=each.official_id, verifier_id=each.verifier_id, parent_id=each.parent_id,
        opened_at=now, changed_at=now,
    )  # fmt: skip


def _check(each: Draft) -> None:
    require_keys(each.kind, each.source, each.category, each.urgency)
    texts = ((each.title, 200), (each.text, 4000), (each.basis, 500), (each.demand, 500), (each.root_cause, 1000),
             (each.measure, 2000), (each.label, 64))  # fmt: skip
    if any(len(text) > most or "\0" in text for text, most in texts):
        raise Problem("bad_text", "文字过长或含有不能保存的字符。", "A text is too long, or cannot be kept.")
    if not each.title.strip() or not each.title.isprintable():
        raise Problem("no_title", "请用一行写明事项名称。", "Give the matter a title, on one line.")
    if any(one.level not in {"household", "person", "area"} for one in each.subjects):
        raise Problem("bad_subject", "对象应是户、人或区划。", "A subject is a household, a person or an area.")
    if each.kind == Matter.Kind.PETITION and (each.subjects or each.joint or each.holder_id or each.parent_id):
        raise Problem(  # whom it is about is kept apart from what others read; who holds it is weighed when accepted
            "bad_petition",
            "信访件登记时不写对象、承办和协办单位。",
            "A petition is drafted without subjects and units.",
        )


def _reach(actor: Actor, drafts: Sequence[Draft], now: datetime) -> None:
    day = timezone.localdate(now)
    for permission, petition in ((ISSUE, False), (PETITIONS, True)):
        some = [each for each in drafts if (each.kind == Matter.Kind.PETITION) is petition]
        if not some:
            continue
        require(actor, permission)
        targets.reachable(actor, permission, "area", {each.area_id for each in some}, day)
        offices = {one for each in some for one in (each.issuer_id, each.holder_id, *each.joint) if one is not None}
        if offices:
            targets.reachable(actor, permission, "organisation", offices, day)
        households = {one.id for each in some for one in each.subjects if one.level == "household" and not one.origin}
        if households:
            targets.reachable(actor, permission, "household", households, day)
        places = {one.id for each in some for one in each.subjects if one.level == "area" and not one.origin}
        if places:
            targets.reachable(actor, permission, "area", places, day)
        people = {one for each in some for one in (each.official_id, each.verifier_id) if one is not None}
        _live_officials(actor, permission, people)


def _parents(actor: Actor, parents: set[int]) -> None:
    """The wholes of new parts, held: one that is merged or done meanwhile takes none."""
    held = Matter.objects.select_for_update(of=("self",)).filter(reach.visible(actor, keys=parents))
    found = list(held.exclude(kind=Matter.Kind.PETITION).order_by("pk"))  # its number would stand on what others read
    if len(found) < len(parents):
        raise missing()
    tree.check_parents(found)
    hands = reach.hands(actor, found)
    strange = next((each for each in found if not {"issuer", "holder"} & hands[each.pk]), None)
    if strange is not None:  # a whole waits for its parts: nobody else hangs some on it
        raise Refused(
            "wrong_hands", "总件不是您交办或承办的，不能加分件。",
            "You neither issued nor hold the whole: it takes no part of yours.", matter=strange.pk,
        )  # fmt: skip


def _people(actor: Actor, given: Given, now: datetime) -> None:
    permission = ISSUE if may(actor, ISSUE) else PETITIONS
    if given.holder_id is not None:
        targets.reachable(actor, permission, "organisation", [given.holder_id], timezone.localdate(now))
    if given.official_id is not None:
        _live_officials(actor, permission, {given.official_id})


def _live_officials(actor: Actor, permission: str, people: set[int]) -> None:
    """Raise Missing for one who is not there or works elsewhere: the page of the matter would tell the name, and who
    is named would see the matter."""
    if people and officials(actor, permission).filter(pk__in=listed(people)).count() < len(people):
        raise Missing(
            "no_such_official", "没有找到这名干部，或不在您的管辖范围内。",
            "There is no such official, or none within your grants.",
        )  # fmt: skip


def _allowed(
    actor: Actor, row: Transition, matters: Sequence[Matter], given: Given, seen: Mapping[int, int] | None
) -> None:
    who = reach.hands(actor, matters)
    texts = dict(MatterText.objects.filter(matter_id__in=listed([m.pk for m in matters])).values_list("pk", "demand"))
    for each in matters:
        if seen is not None and seen.get(each.pk) != each.version:
            raise Problem(
                "changed_meanwhile", "有人刚处理过这件事项，请刷新后再办。",
                "Somebody has just acted upon this matter: reload the page.", matter=each.pk,
            )  # fmt: skip
        said = given.keys()
        if each.holder_id is not None and row.act in {"issue", "accept"}:
            said.add("holder")
        if not texts.get(each.pk):
            said.add("paper")  # nothing was asked for
        refusal = core.refusal(each.kind, each.state, row.act, who[each.pk], said)  # type: ignore[arg-type]
        if refusal is None and row.act in tree.WAIT and tree.waiting([each.pk]):
            refusal = core.Refusal(
                "parts_open", f"还有分件没有办结，不能{row.title.zh}。",
                f"Parts of it have not ended: “{row.title.en}” is not possible yet.",
            )  # fmt: skip
        if refusal is not None:
            kind = Refused if refusal.code == "wrong_hands" else Problem
            raise kind(refusal.code, refusal.zh, refusal.en, matter=each.pk)


def _joined(
    actor: Actor, name: str, matters: Sequence[Matter], into: Matter | None, given: Given, now: datetime
) -> None:
    """What merging, splitting and putting under another ask beyond the table; ``into``: the other one."""
    if name == "merge" and into is not None:
        joining.check_merge(matters, into, now)
        if "issuer" not in reach.hands(actor, [into])[into.pk]:
            raise Refused(
                "wrong_hands", "并入的那一件不是您交办的。", "The one to merge into was not issued by you.",
                matter=into.pk,
            )  # fmt: skip
    elif name == "attach" and into is not None:
        tree.check_attach(matters, into, now)
        if "issuer" not in reach.hands(actor, [into])[into.pk]:
            raise Refused(
                "wrong_hands", "要归入的总件不是您交办的。", "The whole to put it under was not issued by you.",
                matter=into.pk,
            )  # fmt: skip
    elif name == "split":
        joining.check_split(matters[0], given)
        holders = {each for each in given.part_holders if each is not None}
        if holders:
            targets.reachable(actor, ISSUE, "organisation", holders, timezone.localdate())


def _merge(actor: Actor, matters: Sequence[Matter], into: Matter, now: datetime) -> None:
    joining.carry(matters, into, now)
    carrying.carry(actor, matters, into, now)
    data = {"merged": [each.pk for each in matters[:100]], "count": len(matters)}
    write_events(actor, [into], "merge", now, [data], before=[into.state])


def _attach(actor: Actor, matters: Sequence[Matter], whole: Matter, now: datetime) -> None:
    data = {"parts": [each.pk for each in matters[:100]], "count": len(matters)}
    write_events(actor, [whole], "attach", now, [data], before=[whole.state])


def _split(actor: Actor, matter: Matter, given: Given, now: datetime) -> None:
    """The parts, drafted as the whole is and issued at once."""
    holders = given.part_holders or (None,) * len(given.parts)
    drafts = [
        Draft(
            matter.kind, title.strip(), matter.area_id, matter.urgency, matter.source, matter.category,
            issuer_id=matter.issuer_id, holder_id=holder or matter.holder_id,
            official_id=matter.official_id if holder in {None, matter.holder_id} else None,
            verifier_id=matter.verifier_id, parent_id=matter.pk,
        )
        for title, holder in zip(given.parts, holders, strict=True)
    ]  # fmt: skip
    first = database.reserve_ids(Matter, len(drafts))
    parts = [_row(first + at, each, now) for at, each in enumerate(drafts)]
    Matter.objects.bulk_create(parts, batch_size=500)
    write_beside(list(zip(parts, drafts, strict=True)), now)
    write_events(actor, parts, "draft", now, [{"part_of": matter.pk} for _part in parts])
    act(actor, "issue", [part.pk for part in parts], joining.part_limit(matter, given, now), now)


def _said(name: str, matters: Sequence[Matter], given: Given, now: datetime) -> Sequence[Given]:
    """What an act says of each matter; whoever takes one over is there."""
    if name in {"report_up", "resume"}:
        return (reporting.upwards if name == "report_up" else stood.known_before)(matters, given, now)
    if name == "reassign":
        stood.free([each for each in matters if each.official_id != given.official_id], timezone.localdate(now))
    return [given] * len(matters)


def _changed(row: Transition, matter: Matter, given: Given, now: datetime) -> dict[str, Any]:
    change = petitions.CHANGES.get(row.act) or CHANGES.get(row.act)
    data = change(matter, given, now) if change is not None else {}
    before, matter.state = matter.state, core.target_of(matter.state, row.act)
    if matter.state != before and matter.state in core.WAITING:
        matter.step = 0  # other steps come now
    matter.version += 1
    matter.changed_at = now
    matter.next_at = limits.look_again(matter, now)
    return data


def _item(matter: Matter, row: Transition, given: Given) -> str:
    return audience.item(row.act, given) if matter.kind == Matter.Kind.PETITION else row.act


def _papers(actor: Actor, row: Transition, matters: Sequence[Matter], given: Given, now: datetime) -> None:
    if not given.papers and not given.reference.strip():
        return
    day = timezone.localdate(now)
    evidence.record(
        actor, PAPER,
        [
            Paper(each.pk, _item(each, row, given), day, kept, given.reference.strip() if kept is None else "")
            for each in matters
            for kept in (given.papers or (None,))
        ],
    )  # fmt: skip
