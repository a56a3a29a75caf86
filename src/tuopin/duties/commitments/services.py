"""Drafting and signing commitments. Nothing that stands is changed: another wording is another commitment."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError
from django.utils import timezone

from tuopin.platform import database, evidence, nodes
from tuopin.platform.access import require
from tuopin.platform.auditing import audit
from tuopin.platform.evidence import Kept, Paper
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.areas import ids as area_ids
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion

from ..assigning import targets
from ..dates import line_of, sensible
from ..permissions import KEEP_COMMITMENT, SIGN_COMMITMENT
from ..selectors import officials, titles_on
from . import agreeing, following, selectors
from .measures import LEVELS, MOST, measure, words_of
from .models import Commitment, CommitmentSignature, CommitmentTarget
from .wording import digest, filled, wordings

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from tuopin.core.language.catalogue import Title
    from tuopin.platform.access import Actor

    from ..models import Official

MOST_TARGETS = 20
MOST_DRAFTS = 5_000
ABOUT = "commitment"
SIDES = ("superior", "inferior")


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to be promised. ``value`` in hundredths for a figure; ``measure`` the key of a figure or node."""

    kind: str
    day: date
    measure: str = ""
    at_most: bool = True
    value: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A commitment to write: about an area, or a household (``household_id``; its village is then the area).

    ``wording`` '' = the product's own of the level. ``supersedes``: the one it replaces, which needs a ``reason``.
    """

    superior_id: int
    inferior_id: int
    due: date
    targets: tuple[Target, ...]
    area_id: int | None = None
    household_id: int | None = None
    title: str = ""
    wording: str = ""
    under: int | None = None
    supersedes: int | None = None
    reason: str = ""


def draft(actor: Actor, wanted: Sequence[Draft], *, today: date | None = None) -> list[Commitment]:
    """Write commitments, all of them or none; they wait for their signatures.

    Raises Missing outside the grants, Problem for what is wrong. The text is made here, once, with its digest.
    """
    day = today or timezone.localdate()
    require(actor, KEEP_COMMITMENT)
    if not 1 <= len(wanted) <= MOST_DRAFTS:
        raise Problem("too_many", f"一次 1 至 {MOST_DRAFTS} 份。", f"1 to {MOST_DRAFTS} at once.")
    for each in wanted:
        _check(each, day)
    places = _places(actor, wanted, day)
    people = _people(actor, wanted)
    titles = titles_on(people, day)
    texts = [_text(each, places[at], people, titles, day) for at, each in enumerate(wanted)]
    try:
        with database.write():
            _standing(actor, wanted, places, day)
            now = timezone.now()
            first = database.reserve_ids(Commitment, len(wanted))
            rows = [
                Commitment(
                    pk=first + at, area_id=places[at].area_id, household_id=each.household_id, level=places[at].level,
                    title=each.title.strip() or f"{places[at].short}{wordings()[places[at].level].title}"[:100],
                    superior_id=each.superior_id, superior_post=_post(people, titles, each.superior_id),
                    inferior_id=each.inferior_id, inferior_post=_post(people, titles, each.inferior_id),
                    under_id=each.under, text=texts[at], digest=digest(texts[at]), due=each.due,
                    supersedes_id=each.supersedes, reason=each.reason.strip(), at=now, actor=_name(actor),
                    user_id=actor.user_id,
                )
                for at, each in enumerate(wanted)
            ]  # fmt: skip
            Commitment.objects.bulk_create(rows, batch_size=200)
            CommitmentTarget.objects.bulk_create(
                [target for at, each in enumerate(wanted) for target in _targets(each, first + at)],
                batch_size=500,
            )
            following.begin(rows)
            asked = sum(each.supersedes is not None for each in wanted)
            gone = agreeing.drafted(actor, rows)
            whole = hashlib.sha256("".join(row.digest for row in rows).encode()).hexdigest()
            detail: dict[str, object] = {"count": len(rows), "superseded": gone, "to_supersede": asked - gone}
            audit.record(actor, "duties.draft_commitment", f"commitments:{first}-{rows[-1].pk}", detail, whole)
    except IntegrityError:
        raise agreeing.superseded_already() from None
    following.follow([row.pk for row in rows], today=day)  # counts a whole register: not while nobody else can write
    return rows


def _check(each: Draft, day: date) -> None:
    line_of(each.title, 100, "名称", "the title")
    line_of(each.reason, 500, "变更理由", "the reason", needed=each.supersedes is not None)
    sensible(each.due, "兑现日期", "the day it is due")
    if each.due < day and each.supersedes is None:
        raise Problem("due_is_past", "兑现日期已过。", "The day it is due is past already.")
    if (each.area_id is None) == (each.household_id is None):
        raise Problem("no_place", "请写明是哪个区域或哪一户。", "Name an area, or a household.")
    if each.superior_id == each.inferior_id:
        raise Problem("with_itself", "立状双方须是两个人。", "The two sides must be two people.")
    if not 1 <= len(each.targets) <= MOST_TARGETS:
        raise Problem("bad_targets", f"请写 1 至 {MOST_TARGETS} 项目标。", f"Give 1 to {MOST_TARGETS} targets.")
    for target in each.targets:
        _check_target(target, each)


def _check_target(target: Target, each: Draft) -> None:
    sensible(target.day, "目标日期", "the day of a target")
    if target.day > each.due:
        raise Problem("after_due", "目标日期不能晚于兑现日期。", "A target cannot lie behind the day it is due.")
    line_of(target.words, 300, "目标", "the target", needed=target.kind != "figure")
    if target.kind == "figure":
        found = measure(target.measure)
        if each.household_id is not None and not found.household:
            raise Problem(
                "not_of_household", f"“{found.title.zh}”不能对一户立。", "That figure is none of one household."
            )
        most = 100 * 100 if found.share else MOST
        if target.value is None or not 0 <= target.value <= most:
            raise Problem(
                "bad_value", f"“{found.title.zh}”的目标值不对。", f"The value for “{found.title.en}” is wrong."
            )
    elif target.kind not in CommitmentTarget.Kind.values:
        raise Problem("unknown_key", "没有这种目标。", "There is no such kind of target.")
    elif target.kind == "node" and (not target.measure or len(target.measure) > 100):
        raise Problem("no_node", "请选择时间节点。", "Choose a node.")


@dataclass(frozen=True, slots=True)
class _Place:
    area_id: int
    level: str
    path: str
    name: str
    short: str


def _places(actor: Actor, wanted: Sequence[Draft], day: date) -> list[_Place]:
    """Where each is to be fulfilled. Raises Missing outside the grants."""
    areas = {each.area_id for each in wanted if each.area_id is not None}
    homes = {each.household_id for each in wanted if each.household_id is not None}
    known = targets.reachable(actor, KEEP_COMMITMENT, "area", areas, day) if areas else {}
    housed = targets.reachable(actor, KEEP_COMMITMENT, "household", homes, day) if homes else {}
    paths = {each.path for each in (*known.values(), *housed.values())}
    versions = {each.path: each for each in AreaVersion.objects.filter(path__in=sorted(paths), valid_to=None)}
    found = []
    for each in wanted:
        target = known[each.area_id] if each.area_id is not None else housed[each.household_id or 0]
        version = versions.get(target.path)
        level = "household" if each.household_id is not None else target.level
        if version is None or level not in LEVELS:
            raise Problem(
                "wrong_level", "军令状立在市、县、乡镇、村、户。", "Commitments are of cities down to households."
            )
        name = f"{version.name}（户编号 {target.code}）" if each.household_id is not None else version.name
        found.append(_Place(version.area_id, level, version.path, name, version.name))
    return found


def _people(actor: Actor, wanted: Sequence[Draft]) -> dict[int, Official]:
    """Both sides. Raises Missing for an official outside the grants, or one that is another now."""
    ids = {each.superior_id for each in wanted} | {each.inferior_id for each in wanted}
    found = {each.pk: each for each in officials(actor).filter(pk__in=listed(ids))}
    if len(found) < len(ids):
        raise Missing(
            "no_such_official",
            "没有找到这名干部，或不在您的管辖范围内。",
            "There is no such official, or none within your grants.",
        )
    return found


def _post(people: Mapping[int, Official], titles: Mapping[int, tuple[str, str]], key: int) -> str:
    unit, post = titles.get(key, (people[key].unit, ""))
    return f"{unit}{post}"[:320]


def _text(
    each: Draft, place: _Place, people: Mapping[int, Official], titles: Mapping[int, tuple[str, str]], day: date
) -> str:
    rows = _targets(each, 0)
    lines = "\n".join(f"{row.number}. {words_of(row).zh}；" for row in rows)
    values = {
        "superior": people[each.superior_id].name, "inferior": people[each.inferior_id].name,
        "superior_post": _post(people, titles, each.superior_id),
        "inferior_post": _post(people, titles, each.inferior_id),
        "place": place.name, "targets": lines, "due": each.due.isoformat(), "day": day.isoformat(),
    }  # fmt: skip
    return filled(each.wording or wordings()[place.level].text, values)


def _targets(each: Draft, key: int) -> list[CommitmentTarget]:
    return [
        CommitmentTarget(
            commitment_id=key, number=at, kind=target.kind, measure=target.measure, at_most=target.at_most,
            value=target.value if target.kind == "figure" else None, day=target.day, words=target.words.strip(),
        )
        for at, target in enumerate(each.targets, 1)
    ]  # fmt: skip


def _standing(actor: Actor, wanted: Sequence[Draft], places: Sequence[_Place], day: date) -> None:
    """Raise Missing or Problem unless what is superseded, and what stands above, are there and fit."""
    asked = {each.supersedes for each in wanted} | {each.under for each in wanted}
    keys = [each for each in asked if each is not None]
    old = [each.supersedes for each in wanted if each.supersedes is not None]
    agreeing.hold(old)
    rows = {row.pk: row for row in selectors.commitments(actor).filter(pk__in=listed(keys))}
    if len(rows) < len(keys):
        raise selectors.missing()
    paths = dict(
        AreaVersion.objects.filter(area_id__in={row.area_id for row in rows.values()})
        .order_by("valid_from")
        .values_list("area_id", "path")
    )
    signed = following.signed_by(old)
    if len(set(old)) < len(old) or Commitment.objects.filter(supersedes_id__in=listed(old)).exists():
        raise agreeing.superseded_already()
    for each, place in zip(wanted, places, strict=True):
        if each.supersedes is not None:
            before = rows[each.supersedes]
            if (before.level, before.area_id, before.household_id) != (place.level, place.area_id, each.household_id):
                raise Problem("another_place", "新的一份须是同一区域、同一户的。", "It must be of the same place.")
            if before.due < day and signed.get(before.pk) == following.BOTH:
                raise agreeing.due_already()
        if each.under is not None:
            above = rows[each.under]
            inside = place.path.startswith(paths.get(above.area_id, "-"))
            if not inside or LEVELS.index(above.level) >= LEVELS.index(place.level):
                raise Problem(
                    "not_above", "上一级军令状须是上级区域的。", "What stands above must be of an area above."
                )


def node_targets(area: AreaVersion, day: date) -> list[tuple[str, Title, date]]:
    """The nodes of an area that a commitment may promise: what a target stores as its measure (key:standard), what the
    node wants, and its day. One that no standard shows is left out: nobody could say that it was reached."""
    found = nodes.of_area(area, area_ids(area.path), day)
    return [(f"{each.key}:{each.standard}", each.target, each.due) for each in found if each.standard]


# -- signing ------------------------------------------------------------------------------------------------------


def sign_on_paper(
    actor: Actor, ids: Collection[int], sides: Collection[str], *, day: date, paper: Kept | None = None,
    reference: str = "", today: date | None = None,
) -> int:  # fmt: skip
    """Record that sides signed commitments on paper; the scan, or where the paper is kept, proves it. Returns how many
    signatures are new. Nobody records the other side's. Raises Missing outside the grants, Refused for a side, Problem
    for one that is superseded or signed already."""
    now = today or timezone.localdate()
    kept_at = line_of(reference, 200, "材料编号或存放处", "the paper")
    sensible(day, "签订日期", "the day of signing")
    if paper is None and not kept_at:
        raise Problem(
            "no_evidence", "请上传签字件，或写明存放处。", "Hand in the signed paper, or say where it is kept."
        )
    if day > now:
        raise Problem("in_future", "签订日期不能晚于今天。", "The day of signing cannot lie ahead.")
    if not sides or not set(sides) <= set(SIDES) or not 1 <= len(ids) <= MOST_DRAFTS:
        raise Problem("bad_sides", "请选择签字的一方。", "Choose who signed.")
    require(actor, KEEP_COMMITMENT)
    with database.write():
        rows = _to_sign(actor, ids, now)
        mine = selectors.sides_of(rows, actor)
        if any(mine[row.pk] not in ("", side) for row in rows for side in sides):
            raise Refused(
                "not_for_the_other",
                "您是立状一方，不能代登记另一方的签字。请由双方以外的人登记。",
                "You are one side and cannot record the other one’s signature: somebody else must.",
            )
        area_keys = {row.area_id for row in rows}
        targets.reachable(actor, KEEP_COMMITMENT, "area", area_keys, now)
        made = _sign(actor, rows, sorted(set(sides)), "paper", day)
        evidence.record(actor, ABOUT, [Paper(row.pk, "signed", day, paper, kept_at) for row in rows])
        detail: dict[str, object] = {"signatures": made, "sides": sorted(set(sides)), "way": "paper"}
        audit.record(actor, "duties.sign_commitment", f"commitments:{rows[0].pk}-{rows[-1].pk}", detail)
    following.follow([row.pk for row in rows], today=now)
    return made


def sign_by_account(actor: Actor, number: int, *, seen: str, today: date | None = None) -> str:
    """The person who is signed in signs as the side he or she is; ``seen`` is the digest of the text that was shown.

    Returns the side. Raises Missing, Refused for somebody who is neither side, Problem where the text is another one.
    """
    now = today or timezone.localdate()
    require(actor, SIGN_COMMITMENT)
    if actor.user_id is None or actor.limits is not None:
        raise _not_a_side()  # neither the command line nor a program signs for anybody
    with database.write():
        [row] = _to_sign(actor, [number], now)
        side = selectors.side_of(row, actor)
        if not side:
            raise _not_a_side()
        if seen != row.digest or digest(row.text) != row.digest:
            raise Problem(
                "another_text", "您看到的正文不是这一份，没有签订。请刷新后再看。",
                "The text that you saw is another one; nothing was signed. Look again.",
            )  # fmt: skip
        _sign(actor, [row], [side], "account", now)
        detail: dict[str, object] = {"signatures": 1, "sides": [side], "way": "account"}
        audit.record(actor, "duties.sign_commitment", f"commitments:{row.pk}-{row.pk}", detail, row.digest)
    following.follow([row.pk], today=now)
    return side


def _not_a_side() -> Refused:
    return Refused(
        "not_a_side",
        "只有立状双方本人能用自己的账号签订。代为登记请上传签字件。",
        "Only the two sides sign, each by the own account. Record a signed paper instead.",
    )


def _to_sign(actor: Actor, ids: Collection[int], day: date) -> list[Commitment]:
    found = selectors.commitments(actor).filter(pk__in=listed(ids)).order_by("pk")
    rows = list(found)
    if len(rows) < len(set(ids)):
        raise selectors.missing()
    agreeing.hold(ids)
    agreeing.require_open(ids, day)
    if Commitment.objects.filter(supersedes_id__in=listed(ids)).exists():
        raise Problem(
            "superseded_already",
            "这份军令状已被取代，不能再签。",
            "This commitment is superseded: nobody signs it now.",
        )
    return rows


def _sign(actor: Actor, rows: Sequence[Commitment], sides: Sequence[str], way: str, day: date) -> int:
    now = timezone.now()
    made = [
        CommitmentSignature(
            commitment_id=row.pk, side=side, way=way, day=day, digest=row.digest, at=now, actor=_name(actor),
            user_id=actor.user_id,
        )
        for row in rows
        for side in sides
    ]  # fmt: skip
    try:
        with database.write():
            CommitmentSignature.objects.bulk_create(made, batch_size=500)
    except IntegrityError:
        raise Problem(
            "signed_already", "这一方已经签过。已签的不能改，要改请另立一份取代它。",
            "This side has signed already. What is signed is not changed: write another one that supersedes it.",
        ) from None  # fmt: skip
    agreeing.signed(actor, rows)
    return len(made)


def _name(actor: Actor) -> str:
    return actor.name or actor.os_user
