"""Several cities judged together from their sealed facts: who is in it, who is missing and why, who is late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils import timezone

from tuopin.platform.access import require, subtree
from tuopin.platform.problems import DISK_FULL, Problem
from tuopin.register import selectors as register
from tuopin.register.models import AreaVersion
from tuopin.register.selectors import on_day
from tuopin.standards.models import SealInstance
from tuopin.standards.packs import get_prepared
from tuopin.standards.permissions import FEDERATE
from tuopin.standards.places import Place, bound_pack, place_of
from tuopin.standards.sealed import federation, opening, services
from tuopin.standards.sealed.folders import Folder
from tuopin.standards.sealed.sources import Part, needed
from tuopin.standards.sealed.sources import require as require_facts

if TYPE_CHECKING:
    import datetime

    from tuopin.core.standards import Prepared
    from tuopin.platform.access import Actor
    from tuopin.platform.models import Job
    from tuopin.standards.models import SealedEvaluation
    from tuopin.standards.sealed.judging import Progress
    from tuopin.standards.sealed.opening import Opened

JOB = "standards.evaluate_jointly"
LATE = 35
"""Days after which the newest seal of a city is late: cities seal once a month."""


def begin(actor: Actor, area: str, standard: str, day: datetime.date, pack: str | None = None) -> Job:
    """Start :func:`evaluate` as a job. Raises Missing, Refused, Problem as it does for what can be said at once."""
    there = register.area(actor, area)
    require(actor, FEDERATE, area_path=there.path)
    prepared = _prepared(there, standard, day, pack)
    if not instances_under(there):
        raise _nobody()
    payload = {"area": there.code, "standard": standard, "day": day.isoformat(), "pack": prepared.pack.key}
    return services.once(actor, JOB, payload)


def _nobody() -> Problem:
    return Problem(
        "no_instances",
        "这个区划下没有登记任何下级实例。请用 tuopin federation register 登记。",
        "No instance is registered under this area: register them with tuopin federation register.",
    )


def _prepared(area: AreaVersion, standard: str, day: datetime.date, pack: str | None) -> Prepared:
    return get_prepared(pack or bound_pack(place_of(area.code, day), day), standard, day)


def instances_under(area: AreaVersion) -> list[SealInstance]:
    """The registered instances whose areas lie in an area, by the code of theirs."""
    low, high = subtree(area.path)
    inside = AreaVersion.objects.filter(path__gte=low, path__lt=high, valid_to=None)
    codes = dict(inside.filter(area_id__in=_active().values("area_id")).values_list("area_id", "code"))
    return sorted(_active().filter(area_id__in=codes), key=lambda row: (codes[row.area_id], row.pk))


def _active() -> Any:
    return SealInstance.objects.filter(ended_at=None)


def missing_cities(area: AreaVersion, registered: list[SealInstance]) -> list[dict[str, Any]]:
    """The cities of this register under an area of which no instance is registered, itself or above or below it."""
    low, high = subtree(area.path)
    cities = AreaVersion.objects.filter(path__gte=low, path__lt=high, level="city", valid_to=None).order_by("code")
    theirs = AreaVersion.objects.filter(area_id__in=[row.area_id for row in registered], valid_to=None)
    paths = list(theirs.values_list("path", flat=True))
    return [
        _out(city.code, city.name, "not_registered", "没有登记封存数据", "no seals registered")
        for city in cities
        if not any(city.path.startswith(path) or path.startswith(city.path) for path in paths)
    ]


def _out(code: str, name: str, reason: str, zh: str, en: str) -> dict[str, Any]:
    return {"code": code, "name": name, "reason": reason, "reason_zh": zh, "reason_en": en}


def evaluate(
    actor: Actor, area: str, standard: str, *, day: datetime.date, pack: str | None = None,
    progress: Progress | None = None,
) -> SealedEvaluation:  # fmt: skip
    """Judge the newest sound seals of every registered instance under an area by one standard, together.

    Whoever cannot be judged (not registered, unreachable, rewritten, a file changed, a fact not sealed) is left out by
    name and with the reason; a seal older than the day, or than a month, is judged and marked. Nobody's identities are
    fetched. Raises Missing, Refused; Problem where no seal at all can be judged.
    """
    there = register.area(actor, area)
    require(actor, FEDERATE, area_path=there.path)
    prepared = _prepared(there, standard, day, pack)
    registered = instances_under(there)
    if not registered:
        raise _nobody()
    left_out = missing_cities(there, registered)
    codes = dict(AreaVersion.objects.filter(valid_to=None).filter(_areas_of(registered)).values_list("area_id", "code"))
    parts, sources = [], []
    for row in registered:
        code = codes.get(row.area_id, "")
        try:
            opened = _opened(actor, row)
            _fetch(prepared, opened)
            with services.run_of([Part(opened, row.pk)], day, None) as run:  # its areas are a tree on that day
                run.source.probe(sorted(_tables(prepared)))  # a city's fault is its own
                _within(run.tree.judged_codes(prepared.standard.level), row, day)
        except Problem as problem:
            if problem is DISK_FULL:
                raise
            left_out.append(_out(code, row.name, problem.code, problem.zh, problem.en))
            continue
        parts.append(Part(opened, row.pk))
        age = (timezone.localdate() - services.sealed_on(opened)).days
        sources.append(services.source_of(opened, day, row.pk) | {"area": code, "age": age, "late": age > LATE})
    if not parts:
        raise services.nothing(left_out)
    with services.run_of(parts, day, progress) as run:
        return services.kept(
            actor, run, prepared, Place(None, ""), sources, joint=True, left_out=left_out, area_id=there.area_id
        )


def _areas_of(rows: list[SealInstance]) -> Q:
    return Q(area_id__in=[row.area_id for row in rows])


def _opened(actor: Actor, row: SealInstance) -> Opened:
    """The newest seal of an instance, after a look whether its chain goes on. Raises Problem where it does not."""
    federation.look(actor, row)
    if row.state != federation.SOUND:
        raise Problem(row.state, row.problem_zh, row.problem_en)
    newest = row.seals.order_by("-number").first()
    if newest is None:
        raise Problem("no_seals_there", "没有封存。", "No seal.")
    return opening.fetched(Folder(row.address), newest.number, newest.digest)


def _fetch(prepared: Prepared, opened: Opened) -> None:
    """Have every file at hand that judging will read, and right: what is wrong must leave out this city alone."""
    require_facts(prepared, opened)
    tables = _tables(prepared)
    for part in opened.manifest.tables:
        if part.table in tables:
            opened.verified(part)


def _tables(prepared: Prepared) -> set[str]:
    return {"register_area_version", "register_sheet", *needed(prepared)}


def _within(codes: list[str], row: SealInstance, day: datetime.date) -> None:
    """Raises Problem where the seal has subjects in an area that lies elsewhere in this register on the day: another
    city counts them."""
    here = AreaVersion.objects.filter(on_day(day))
    own = here.filter(area_id=row.area_id).values_list("path", flat=True).first() or ""
    for at in range(0, len(codes) if own else 0, 5_000):
        found = here.filter(code__in=codes[at : at + 5_000]).exclude(path__startswith=own).values_list("code", "path")
        foreign = sorted(code for code, path in found if not own.startswith(path))
        if foreign:
            raise Problem(
                "areas_of_others",
                f"封存里有不属于该实例的区划（如 {foreign[0]}），会重复计算。请与该市核实，或改用 --area 登记。",
                f"The seal has subjects in areas that are not this instance's, such as {foreign[0]}, which would be"
                " counted twice. Ask the city, or register it with another --area.",
            )
