"""Asking for what is like a matter: keeping a condition or a question with it, and running a condition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.duties.assigning import targets
from tuopin.platform import database, jobs
from tuopin.platform.access import may, require, visible_paths
from tuopin.platform.auditing import audit
from tuopin.platform.models import Job
from tuopin.platform.outbox import services as outbox
from tuopin.platform.problems import Problem, Refused
from tuopin.register import selectors as register
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion, Residence
from tuopin.register.permissions import VIEW_HOUSEHOLD
from tuopin.standards import asking
from tuopin.standards.evaluating import default_day
from tuopin.standards.permissions import VIEW as VIEW_STANDARDS
from tuopin.standards.places import Place, place_of

from .. import reach, services
from .. import selectors as matters
from ..models import AlikeQuestion, AlikeSubject, Matter, MatterSubject
from ..permissions import ISSUE
from ..services import write_events
from . import selectors, telling

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import date, datetime

    from tuopin.core.standards import Prepared
    from tuopin.platform.access import Actor

JOB = "orders.search_alike"
MOST = 50_000
"""Subjects that a condition may find."""
MOST_ASKED = 500
"""Areas and organisations that a question is put to."""
MOST_QUESTIONS = 20
"""Questions of one matter."""
AT_ONCE = 2_000
"""Up to so many households are looked through while the page waits; more as a job."""
LONGEST_UNTIL = 366


@dataclass(frozen=True, slots=True)
class Query:
    """A condition: by which facts and limits (pack, standard), asked of which area (its code)."""

    area: str
    pack: str
    standard: str
    text: str
    as_part: bool = True


@dataclass(frozen=True, slots=True)
class Words:
    """A question in words, put to areas (codes) and organisations (numbers)."""

    text: str
    areas: tuple[str, ...] = ()
    units: tuple[int, ...] = ()
    until: date | None = None


# -- asking -------------------------------------------------------------------------------------------------------


def ask_query(actor: Actor, number: int, query: Query, now: datetime) -> AlikeQuestion:
    """Keep a condition with a matter; it is run by :func:`search`. Raises Missing for a matter or an area outside the
    grants, Refused for who did not issue the matter or lacks a class that the condition rests on, Problem."""
    area = register.area(actor, query.area)
    prepared = _compiled(actor, area, query, default_day(area))
    with database.write():
        matter = _held(actor, number)
        row = AlikeQuestion.objects.create(
            matter=matter, kind=AlikeQuestion.Kind.QUERY, area_id=area.area_id, text=query.text.strip(),
            pack=query.pack, standard=query.standard, classes=sorted(asking.classes_of(prepared)),
            as_part=query.as_part, asked_at=now, actor=reach.signature(actor)[:150], user_id=actor.user_id,
        )  # fmt: skip
        _told(actor, matter, row, now)
    return row


def ask_words(actor: Actor, number: int, words: Words, now: datetime) -> AlikeQuestion:
    """Put a question to areas and organisations. Raises Missing for one outside the grants, Refused for who did not
    issue the matter, Problem."""
    today = timezone.localdate(now)
    text = words.text.strip()
    if not text or len(text) > asking.LONGEST or "\0" in text:
        raise Problem("no_question", "请写明要自查什么，1000 字以内。", "Say what is to be looked for.")
    if words.until is not None and not 0 <= (words.until - today).days <= LONGEST_UNTIL:
        raise Problem("bad_until", "答复期限应在今天到一年之内。", "The last day lies ahead, within a year.")
    codes, units = list(dict.fromkeys(words.areas)), list(dict.fromkeys(words.units))
    if not 1 <= len(codes) + len(units) <= MOST_ASKED:
        raise Problem(
            "nobody_asked", f"请写明由哪些区划、单位自查，最多 {MOST_ASKED} 个。",
            f"Say which areas or organisations are asked: up to {MOST_ASKED}.", most=MOST_ASKED,
        )  # fmt: skip
    areas = _areas(actor, codes, today)
    if units:
        targets.reachable(actor, ISSUE, "organisation", units, today)
    with database.write():
        matter = _held(actor, number)
        row = AlikeQuestion.objects.create(
            matter=matter, kind=AlikeQuestion.Kind.WORDS, area_id=matter.area_id, text=text, as_part=True,
            until=words.until, asked_at=now, actor=reach.signature(actor)[:150], user_id=actor.user_id,
        )  # fmt: skip
        first = database.reserve_ids(AlikeSubject, len(areas) + len(units))
        put = [("area_id", key) for key in areas] + [("unit_id", key) for key in units]
        subjects = [AlikeSubject(pk=first + at, question=row, **{name: key}) for at, (name, key) in enumerate(put)]
        AlikeSubject.objects.bulk_create(subjects, batch_size=500)
        _told(actor, matter, row, now, asked=len(subjects))
        outbox.post(actor, telling.letters([row], subjects, "asked", now), now=now)
    return row


def end(actor: Actor, number: int, now: datetime) -> AlikeQuestion:
    """Ask no more; answers stay. Raises Missing, Refused."""
    with database.write():
        row = one_question(actor, number)
        _held(actor, row.matter_id)
        if row.ended_at is None:
            ended(actor, [row], now)
    return row


def ended(actor: Actor, rows: Sequence[AlikeQuestion], now: datetime) -> None:
    """Write that some questions ask no more, and that what was said of them is done. For who has asked whether it may
    be."""
    for row in rows:
        row.ended_at = now
        audit.record(actor, "orders.end_alike", f"alike:{row.pk}", {})
    AlikeQuestion.objects.bulk_update(rows, ["ended_at"])
    waited = AlikeSubject.objects.filter(question__in=rows, question__kind=AlikeQuestion.Kind.WORDS, answer="")
    outbox.settle(actor, [telling.about(number) for number in waited.values_list("pk", flat=True)], now=now)


def _areas(actor: Actor, codes: Sequence[str], day: date) -> list[int]:
    found = dict(AreaVersion.objects.filter(code__in=codes, valid_to=None).values_list("code", "area_id"))
    if len(found) < len(codes):
        raise targets.outside()
    if found:
        targets.reachable(actor, ISSUE, "area", found.values(), day)
    return [found[code] for code in codes]


def _held(actor: Actor, number: int) -> Matter:
    """The matter, locked. Raises Missing, Refused for who did not issue it, Problem for one that takes no questions."""
    matter = matters.matter(actor, number)
    if matter.kind == Matter.Kind.PETITION:
        raise services.missing()
    matter = Matter.objects.select_for_update(of=("self",)).get(pk=matter.pk)
    if "issuer" not in reach.hands(actor, [matter])[matter.pk]:
        raise Refused("wrong_hands", "只有交办方可以发起举一反三。", "Only who issued it asks for others like it.")
    if matter.state in selectors.OVER:
        raise Problem("matter_over", "这件事项已撤销或并入他件。", "The matter was withdrawn or merged.")
    return matter


def _told(actor: Actor, matter: Matter, row: AlikeQuestion, now: datetime, **more: int) -> None:
    if AlikeQuestion.objects.filter(matter=matter).count() > MOST_QUESTIONS:
        raise Problem(
            "too_many_questions", f"一件事项最多 {MOST_QUESTIONS} 条举一反三。", f"At most {MOST_QUESTIONS} a matter."
        )
    write_events(actor, [matter], "alike", now, [{"question": row.pk, **more}], came_from=matter.state)
    detail: dict[str, object] = {"question": row.pk, "kind": row.kind, "classes": row.classes, **more}
    audit.record(actor, "orders.ask_alike", f"matter:{matter.pk}", detail)


def _compiled(actor: Actor, area: AreaVersion, query: Query, day: date) -> Prepared:
    """The condition, if the actor may ask it there. Raises Refused, Missing, Problem."""
    require(actor, VIEW_HOUSEHOLD, area_path=area.path)
    require(actor, VIEW_STANDARDS, area_path=area.path)
    offered = {(pack, each.key) for pack, each in asking.bases(Place(area.area_id, area.path), day)}
    if (query.pack, query.standard) not in offered:
        raise Problem("no_such_base", "请从列表中选择口径。", "Choose a standard of the list.")
    prepared = asking.condition(query.pack, query.standard, query.text, day)
    check_classes(actor, area, asking.classes_of(prepared))
    return prepared


def check_classes(actor: Actor, area: AreaVersion, classes: Collection[str]) -> None:
    """Raises Refused for a condition on classes that are not open to the actor over the whole area."""
    ranges = visible_paths(actor, VIEW_HOUSEHOLD, frozenset(classes))
    if ranges is not None and not any(low <= area.path < high for low, high in ranges):
        raise Refused(
            "closed_classes",
            "条件用到未对您开放的资料（健康、证件、子女、残疾、银行账户之一）。请改用其他条件，或请有授权的人查询。",
            "The condition rests on facts that are not open to you (health, identity, children, disability or bank)."
            " Write another one, or ask somebody with the grants.",
        )  # fmt: skip


# -- running a condition ------------------------------------------------------------------------------------------


def begin(actor: Actor, number: int) -> Job | None:
    """Run a condition: at once where few households are looked through, else as a job, which is returned. Of two
    clicks one begins it. Raises as :func:`search`."""
    row = one_question(actor, number)
    _may_run(actor, row)  # no job that would only be refused
    area = _place(row)
    low, high = register.subtree(area)
    there = Residence.objects.filter(valid_to=None, area_id__in=register.area_ids_within([(low, high)]))
    if len(there.values_list("pk")[: AT_ONCE + 1]) <= AT_ONCE:
        search(actor, number, timezone.now())
        return None
    payload = {"question": number}
    with database.write():
        AlikeQuestion.objects.select_for_update().get(pk=number)  # in PostgreSQL the second click waits here
        mine = jobs.own(actor).filter(kind=JOB, state__in=Job.UNFINISHED, user_id=actor.user_id)[:100]
        return next((job for job in mine if job.payload == payload), None) or jobs.enqueue(actor, JOB, payload)


def search(
    actor: Actor, number: int, now: datetime, progress: Callable[[str, int], None] | None = None
) -> dict[str, int]:
    """Run a condition and keep whom it finds: answers stay, who is found no more and was not answered goes, new ones
    come. Returns how many match and of how many it is unknown. Raises Missing, Refused, Problem."""
    row = one_question(actor, number)
    _may_run(actor, row)
    area = _place(row)
    day = default_day(area)
    query = Query(area.code, row.pack, row.standard, row.text)
    prepared = _compiled(actor, area, query, day)
    found = list(asking.run(prepared, place_of(area.code, day), MOST + 1, progress))
    if len(found) > MOST:
        raise Problem(
            "too_many_alike", f"超过 {MOST:,} 个，请把条件写窄些，或按下级区划分别查。",
            f"More than {MOST:,}: narrow the condition, or ask area by area.", most=MOST,
        )  # fmt: skip
    level = "household" if prepared.standard.level == "household" else "area"
    own = _own_subjects(row, level)
    keys = {key: unknown for key, _area, unknown in found if key not in own}
    with database.write():
        held = AlikeQuestion.objects.select_for_update(of=("self",)).select_related("matter").get(pk=row.pk)
        _may_run(actor, held)
        _kept(held, level, keys)
        held.day, held.found_at = day, now
        held.classes = sorted(asking.classes_of(prepared))  # the pack may have changed what a name rests on
        held.save(update_fields=["day", "found_at", "classes"])
        counts = {"found": sum(not each for each in keys.values()), "unknown": sum(keys.values())}
        audit.record(actor, "orders.search_alike", f"alike:{row.pk}", {"day": day.isoformat(), "subjects": len(keys)})
    return counts


def _may_run(actor: Actor, row: AlikeQuestion) -> None:
    if row.kind != AlikeQuestion.Kind.QUERY or selectors.over(row):
        raise Problem("not_run", "这条举一反三不能查询：不是条件，或已结束。", "It is no condition, or has ended.")
    if "issuer" not in reach.hands(actor, [row.matter])[row.matter_id]:
        raise Refused("wrong_hands", "只有交办方可以查询。", "Only who issued the matter runs it.")


def _own_subjects(row: AlikeQuestion, level: str) -> set[int]:
    """Whom the matter itself is about: no need to find them again."""
    rows = MatterSubject.objects.filter(matter_id=row.matter_id, **{f"{level}__isnull": False})
    return set(rows.values_list(f"{level}_id", flat=True))


def _kept(row: AlikeQuestion, level: str, keys: dict[int, bool]) -> None:
    """A fixed number of statements, but for batches of rows."""
    column = f"{level}_id"
    before = {
        key: (number, answer, unknown)
        for number, key, answer, unknown in AlikeSubject.objects.filter(question=row).values_list(
            "pk", column, "answer", "unknown"
        )
    }
    gone = [number for key, (number, answer, _unknown) in before.items() if key not in keys and not answer]
    turned = {
        state: [number for key, (number, _answer, was) in before.items() if key in keys and was != keys[key] == state]
        for state in (True, False)
    }
    left = AlikeSubject.objects.filter(answer="")  # asked again: somebody may have answered since they were read
    left.filter(pk__in=listed(gone)).delete()
    for state, numbers in turned.items():
        left.filter(pk__in=listed(numbers)).update(unknown=state)
    AlikeSubject.objects.bulk_create(
        (
            AlikeSubject(question=row, unknown=unknown, **{column: key})
            for key, unknown in keys.items()
            if key not in before
        ),
        batch_size=1000,
    )


def _place(row: AlikeQuestion) -> AreaVersion:
    found = register.standing("area_id", row.area_id)
    if found is None:
        raise selectors.missing()
    return found


def one_question(actor: Actor, number: int) -> AlikeQuestion:
    """A question of a matter that the actor sees. Raises Missing."""
    row = selectors.question(actor, number)
    if not selectors.sees_matter(actor, row):
        raise selectors.missing()
    return row


def may_decide(actor: Actor, matter: Matter) -> bool:
    """Whether the actor asks, confirms and excludes for a matter."""
    return may(actor, ISSUE) and "issuer" in reach.hands(actor, [matter])[matter.pk]
