"""An evaluation asked for on a page or by a program: which standards run over an area on a day, begun as one job."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from tuopin.core.standards.kinds import CONDITIONS
from tuopin.platform import jobs
from tuopin.platform.access import may, page_memo, require
from tuopin.platform.catalogue import catalogue
from tuopin.platform.database import write
from tuopin.platform.models import Job, User
from tuopin.platform.problems import Problem
from tuopin.register import selectors as register
from tuopin.register.areas import WIDTH
from tuopin.register.models import AreaVersion, Import
from tuopin.register.place import top_areas

from . import statements
from .packs import folders, get_pack, get_prepared
from .permissions import EVALUATE
from .places import LEVELS, bound_pack, choice, place_of

if TYPE_CHECKING:
    from tuopin.core.standards import Pack, Prepared, Standard
    from tuopin.platform.access import Actor

    from .places import Place

JOB = "standards.evaluate"
EARLIEST = datetime.date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Plan:
    """What an evaluation of an area on a day would do; ``left_out`` says why a standard cannot be evaluated.
    ``beside``: standards of packs that hold everywhere, whatever pack holds in the area."""

    area: AreaVersion
    day: datetime.date
    pack: Pack
    standards: tuple[Standard, ...]
    beside: tuple[tuple[Pack, Standard], ...]
    left_out: tuple[Problem, ...]


def default_day(area: AreaVersion) -> datetime.date:
    """The day that the newest import in the area describes, today at the latest; today where nothing came in."""
    above = [area.path[:end] for end in range(0, len(area.path), WIDTH)]
    low, high = register.subtree(area)
    inside = Q(path__gte=low, path__lt=high) | Q(path__in=above)
    found = Import.objects.filter(inside, undone_at=None).order_by("-pk").values_list("as_of", flat=True).first()
    return min(found or timezone.localdate(), timezone.localdate())


def plan(actor: Actor, area: AreaVersion, day: datetime.date) -> Plan:
    """The standards of the pack that holds in the area on the day, those of smaller subjects first.

    Raises Refused without the permission over the area; Problem for a day that is none to judge by, and when no
    standard has all its parameters on that day.
    """
    require(actor, EVALUATE, area_path=area.path)
    if not EARLIEST <= day <= timezone.localdate():
        raise Problem(
            "bad_day",
            f"判定日须在 {EARLIEST} 与今天之间。请改日期。",
            f"The day must lie between {EARLIEST} and today. Choose another.",
        )
    try:
        there = place_of(area.code, day)
    except Problem:
        raise Problem(
            "no_area_on_day",
            f"{day} 还没有这个区划。请选较晚的日期。",
            f"The area did not exist on {day}. Choose a later day.",
        ) from None
    pack = get_pack(bound_pack(there, day))
    filled = _filled()
    found, left_out = _possible(pack, area.level, there, day, filled)
    if not found:
        raise _nothing(day, left_out)
    beside: list[tuple[Pack, Standard]] = []
    for other in _everywhere():
        more, not_now = _possible(other, area.level, there, day, filled)
        beside += [(other, standard) for standard in more if other.key != pack.key]
        left_out += [problem for problem in not_now if problem.code != "no_subjects" and other.key != pack.key]
    return Plan(area, day, pack, tuple(found), tuple(beside), tuple(left_out))


def _possible(
    pack: Pack, level: str, there: Place, day: datetime.date, filled: frozenset[str]
) -> tuple[list[Standard], list[Problem]]:
    """The standards of a pack that can be evaluated there on the day, and why others cannot."""
    found, left_out = [], []
    for standard in _fitting(pack, level):
        try:
            prepared = get_prepared(pack.key, standard.key, day)
            _has_subjects(standard, there, day)
            _has_data(prepared, filled)
        except Problem as problem:
            left_out.append(problem)
        else:
            found.append(standard)
    return found, left_out


def _everywhere() -> list[Pack]:
    """The packs that hold everywhere. One that does not load is passed over: the page of packs says what is wrong."""
    found = []
    for key in folders():
        try:
            pack = get_pack(key)
        except Problem:
            continue
        found += [pack] if pack.everywhere else []
    return found


def _fitting(pack: Pack, level: str) -> list[Standard]:
    """Those that judge subjects of the area's level or of one below, the lowest first."""
    reach = LEVELS[: LEVELS.index(level) + 1] if level in LEVELS else LEVELS[:2]
    fitting = [each for each in pack.standards.values() if each.level in reach]
    return sorted(fitting, key=lambda each: LEVELS.index(each.level))


def _has_subjects(standard: Standard, place: Place, day: datetime.date) -> None:
    """Raises Problem where nobody would be judged: a county, say, of which no figures were imported."""
    published, asked = catalogue(), choice(place, standard.level, day)
    level = published.level(standard.level)
    if level.present_in:
        table = next(each for each in published.tables if each.name == level.present_in)
        subjects = statements.block(published, table, (), day, asked)
    else:
        subjects = statements.links(published, level, day, asked)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM ({subjects}) s LIMIT 1")  # noqa: S608 - names of the catalogue, numbers
        if cursor.fetchone() is None:
            raise Problem(
                "no_subjects",
                f"{standard.title.zh}：本区域还没有导入可核查的资料。",
                f"{standard.title.en}: nothing to judge was imported for this area.",
            )


def _filled() -> frozenset[str]:
    """The tables of facts that hold anything at all."""
    names = sorted({(table.name, table.table) for table in catalogue().tables})
    asked = " UNION ALL ".join(
        f"SELECT {statements.literal(name)} WHERE EXISTS (SELECT 1 FROM {statements.quoted(table)})"  # noqa: S608 - names of the catalogue
        for name, table in names
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return frozenset(name for (name,) in cursor.fetchall())


def _has_data(prepared: Prepared, filled: frozenset[str]) -> None:
    """Raises Problem where every item would be unknown for everybody: it waits for a room or a limit, or reads a ledger
    that nobody has taken in. Evaluating it would only fill the pages with question marks."""
    title, judged = prepared.standard.title, [item for item in prepared.items if not item.is_open]
    if not judged:
        raise Problem(
            "nothing_open_yet",
            f"{title.zh}：各项都在等待数据接入或限值确定。",
            f"{title.en}: every item waits for data of a room or for a limit.",
        )
    if not any({table for _level, table in item.blocks} <= filled for item in judged):
        raise Problem(
            "no_data",
            f"{title.zh}：还没有导入所用的资料（台账）。",
            f"{title.en}: the workbooks that it reads have not been taken in.",
        )


def chain(pack: Pack, area: str | None, day: datetime.date) -> tuple[list[Standard], list[Problem]]:
    """The pack's standards with conditions that can be evaluated in an area (a code; None = the whole register) on a
    day, from households up to the city, and why others cannot. Raises Problem where none can."""
    there = place_of(area, day)
    level = LEVELS[-1]
    if there.area_id is not None:
        level = AreaVersion.objects.get(register.on_day(day), area_id=there.area_id).level
    possible, left_out = _possible(pack, level, there, day, _filled())
    found = [standard for standard in possible if standard.kind is CONDITIONS]
    if not found:
        raise _nothing(day, left_out)
    return found, left_out


def _nothing(day: datetime.date, left_out: list[Problem]) -> Problem:
    zh, en = "；".join(each.zh for each in left_out), "; ".join(each.en for each in left_out)
    return Problem(
        "nothing_to_evaluate",
        f"{day} 没有可以核查的标准，请改日期。{zh}",
        f"No standard can be evaluated on {day}; choose another day. {en}",
    )


def begin(actor: Actor, code: str, day: datetime.date | None = None) -> Job:
    """Start the evaluation of an area as a job; of two clicks one begins it, the other finds it begun.

    Raises Missing for an area outside the grants, and what :func:`plan` raises.
    """
    area = register.area(actor, code)
    asked = plan(actor, area, day or default_day(area))
    payload = {
        "area": area.code, "day": asked.day.isoformat(), "pack": asked.pack.key,
        "standards": [each.key for each in asked.standards],
        "beside": [[other.key, each.key] for other, each in asked.beside],
    }  # fmt: skip
    with write():
        # In PostgreSQL the second click waits here for the first; in SQLite there is one writer anyway.
        list(User.objects.select_for_update(no_key=True).filter(pk=actor.user_id or 0).values_list("pk"))
        return next((job for job in unfinished(actor) if job.payload == payload), None) or jobs.enqueue(
            actor, JOB, payload
        )


def unfinished(actor: Actor, area: str = "") -> list[Job]:
    """The actor's own evaluations that wait or run, of one area if it is named; the newest first."""
    own = jobs.own(actor).filter(kind=JOB, state__in=Job.UNFINISHED, user_id=actor.user_id)[:100]
    return [job for job in own if not area or job.payload["area"] == area]


def area_to_evaluate(actor: Actor, path: str) -> AreaVersion | None:
    """The highest area that the actor may evaluate, of those that hold ``path`` or lie in it; None if there is none.
    Asked once a page: several rooms' links lead there."""
    memo, key = page_memo(), f"standards.area_to_evaluate.{actor.user_id}.{path}"
    if key not in memo:
        areas = [each for each in top_areas(actor) if path.startswith(each.path) or each.path.startswith(path)]
        memo[key] = next((each for each in areas if may(actor, EVALUATE, area_path=each.path)), None)
    found: AreaVersion | None = memo[key]
    return found
