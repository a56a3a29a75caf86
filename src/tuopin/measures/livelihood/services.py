"""What changes livelihood by hand: enterprises and risks, links, dividends, work, loans, relocation.

Each service takes a set, all of it or none; another word on the same thing is a new version. What a later list says
otherwise is reported and does not replace it (``taking.py``). Raises Missing outside the grants, Problem for what is
wrong, with the number of the row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError
from django.db.models import Q
from django.utils import timezone

from tuopin.platform.access import field_classes_at, may, require, visible_ids, visible_paths
from tuopin.platform.auditing import audit
from tuopin.platform.database import bump_data_version, hold_data, reserve_ids, write
from tuopin.platform.problems import Missing, Problem
from tuopin.register import selectors as register
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion, Membership

from .. import merged
from ..permissions import KEEP_LIVELIHOOD
from . import checks
from .models import (
    Dividend,
    Enterprise,
    EnterpriseLink,
    EnterpriseRisk,
    EnterpriseVersion,
    Loan,
    Relocation,
    Work,
)
from .selectors import BANK, CHILD

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

    from .models import Said

MOST = 5_000


def _bounded(rows: Sequence[object]) -> None:
    if not 1 <= len(rows) <= MOST:
        raise Problem("bad_set", f"一次登记 1 至 {MOST} 条。", f"Record 1 to {MOST} at a time.")


def _reach(actor: Actor, household_ids: Collection[int]) -> Mapping[int, str]:
    """The paths of the households, of those that were merged of the ones that go on. Raises Missing where one lies
    outside the grants."""
    require(actor, KEEP_LIVELIHOOD)
    ranges = visible_paths(actor, KEEP_LIVELIHOOD)
    kept = merged.kept_by(household_ids)
    asked = {kept.get(key, key) for key in household_ids}
    paths = register.household_paths(asked)
    single = visible_ids(actor, KEEP_LIVELIHOOD, "household")
    for key in asked:
        path = paths.get(key)
        inside = path is not None and (ranges is None or any(low <= path < high for low, high in ranges))
        if not inside and key not in single:
            raise Missing("no_such_household", "没有找到这一户。", "There is no such household.")
    return paths


def _need_class(actor: Actor, name: str, paths: Mapping[int, str]) -> None:
    """Who may not see a class of fields does not write it either, and is not told whether there is any."""
    for household, path in paths.items():
        classes = field_classes_at(actor, KEEP_LIVELIHOOD, path, household)
        if classes is not None and name not in classes:
            raise Missing("class_closed", "这类资料未向您开放。", "This class of fields is not open to you.")


def _store[T: Said](
    actor: Actor, model: type[T], key: tuple[str, ...], rows: Sequence[T], check: Callable[[], None] | None = None
) -> list[T]:
    """Write versions: what stood under the same key is superseded. ``check`` looks at what stands, under the lock."""
    now = timezone.now()
    for row in rows:
        row.by_hand, row.recorded_at = True, now
    try:
        with write():
            hold_data()
            _rejoin(model, key, rows)
            if check is not None:
                check()
            model._default_manager.filter(pk__in=listed(_standing(model, key, rows))).update(superseded_at=now)
            made = model._default_manager.bulk_create(rows, batch_size=500)
            bump_data_version()
            about = f"{model._meta.db_table}:{made[0].pk}" if len(made) == 1 else model._meta.db_table
            detail: dict[str, object] = {"rows": len(made), "first": made[0].pk, "last": made[-1].pk}
            audit.record(actor, KEEP_LIVELIHOOD, about, detail)
    except IntegrityError:
        raise Problem(
            "changed_meanwhile",
            "有人刚刚登记了同一项，或一次提交里有两条相同的，没有写入任何内容。请刷新后再试。",
            "Somebody has just recorded the same, or two rows of yours are the same; nothing was written. Look again.",
        ) from None
    return list(made)


def _rejoin(model: type[Said], key: tuple[str, ...], rows: Sequence[Said]) -> None:
    """Another word on what a merged household had is a word on that, though the household that goes on says it."""
    if key[0] != "household_id" or model is Relocation:  # of a relocation the newest counts, whoever has it
        return
    came = merged.came_from({row.household_id for row in rows})  # type: ignore[attr-defined]  # as the key says
    if not came:
        return
    held = model._default_manager.filter(superseded_at=None, **{f"{key[0]}__in": listed(came)})
    had = {(came[first], *rest): first for first, *rest in held.values_list(*key)}
    for row in rows:
        first = had.get(tuple(getattr(row, name) for name in key))
        if first is not None:
            row.household_id = first  # type: ignore[attr-defined]


def _standing(model: type[Said], key: tuple[str, ...], rows: Sequence[Said]) -> list[int]:
    """The ids of what stands under the keys of the rows: one statement, narrowed by the first column of the key."""
    wanted = {tuple(getattr(row, name) for name in key) for row in rows}
    first = {each[0] for each in wanted}
    held = model._default_manager.filter(superseded_at=None, **{f"{key[0]}__in": listed(first)})
    return [pk for pk, *found in held.values_list("pk", *key) if tuple(found) in wanted]


# -- enterprises --------------------------------------------------------------------------------------------------


def keep_enterprise(
    actor: Actor, version: EnterpriseVersion, enterprise_id: int | None = None, *, seen: int | None = None
) -> EnterpriseVersion:
    """Enter an enterprise (``enterprise_id`` None), or say from a day on what it is. The place must lie within the
    grants, that of the version before too. ``seen``: the id of the version that the writer looked at. Raises Problem
    for a credit code or name that another has, and where somebody else has said something since."""
    require(actor, KEEP_LIVELIHOOD)
    checks.enterprise(version)
    areas = {version.area_id}
    if enterprise_id is not None:
        held = EnterpriseVersion.objects.filter(enterprise_id=enterprise_id, superseded_at=None)
        areas |= set(held.values_list("area_id", flat=True))
    _reach_areas(actor, areas)
    with write():
        hold_data()
        if seen is not None and seen != _newest_version(enterprise_id or 0):
            raise Problem(
                "changed_meanwhile",
                "您打开之后，已有人改过这个主体，没有写入任何内容。请刷新后再改。",
                "Somebody has changed it since you opened it; nothing was written. Look again.",
            )
        same = EnterpriseVersion.objects.filter(superseded_at=None).exclude(enterprise_id=enterprise_id or 0)
        if version.credit_code and same.filter(credit_code=version.credit_code).exists():
            raise Problem("enterprise_exists", "这个统一社会信用代码已登记。", "This credit code is taken.")
        if not version.credit_code and same.filter(name=version.name, area_id=version.area_id).exists():
            raise Problem("enterprise_exists", "同一地点已有同名主体。", "There is one of that name at that place.")
        if enterprise_id is None:
            enterprise_id = reserve_ids(Enterprise, 1)
            taken = Enterprise.objects.filter(code=version.credit_code).exists()
            code = f"E{enterprise_id:06d}" if taken or not version.credit_code else version.credit_code
            Enterprise.objects.create(pk=enterprise_id, code=code)
        version.enterprise_id = enterprise_id
        (made,) = _store(actor, EnterpriseVersion, ("enterprise_id", "as_of"), [version])
    return made


def _newest_version(enterprise_id: int) -> int | None:
    held = EnterpriseVersion.objects.filter(enterprise_id=enterprise_id, superseded_at=None).order_by("-as_of")
    return held.values_list("pk", flat=True).first()


def close_enterprise(actor: Actor, row: EnterpriseRisk) -> int:
    """Say that an enterprise is no more from ``row.day`` on (bankrupt or closed), and end the links that stand then, of
    households within the grants; those of others are ended where they live. Returns how many links ended."""
    require(actor, KEEP_LIVELIHOOD)
    row.level = "bankrupt"
    with write():
        hold_data()
        record_risks(actor, [row])
        standing = Q(valid_to=None) | Q(valid_to__gt=row.day)
        held = EnterpriseLink.objects.filter(
            standing, enterprise=row.enterprise_id, superseded_at=None, valid_from__lt=row.day
        )
        links = list(_mine(actor, held))
        if links:
            _store(actor, EnterpriseLink, _LINK, [_copy(each, valid_to=row.day) for each in links])
    return len(links)


def _mine(actor: Actor, rows: QuerySet[EnterpriseLink]) -> QuerySet[EnterpriseLink]:
    ranges = visible_paths(actor, KEEP_LIVELIHOOD)
    if ranges is None:
        return rows
    return rows.filter(
        merged.living(ranges) | merged.of_households(visible_ids(actor, KEEP_LIVELIHOOD, "household"))
    )  # fmt: skip


def record_risks(actor: Actor, rows: Sequence[EnterpriseRisk]) -> list[Said]:
    """Say how it stands with enterprises, from a day on, on which ground."""
    _bounded(rows)
    require(actor, KEEP_LIVELIHOOD)
    for at, row in enumerate(rows, start=1):
        checks.risk(row, at)
    _reach_enterprises(actor, {row.enterprise_id for row in rows})
    return _store(actor, EnterpriseRisk, ("enterprise_id", "day"), rows)


def _reach_areas(actor: Actor, area_ids: Collection[int]) -> None:
    """Of an area that has ended, its last place counts: its enterprises are to be given another."""
    ranges = visible_paths(actor, KEEP_LIVELIHOOD)
    versions = AreaVersion.objects.filter(area_id__in=listed(area_ids)).order_by("valid_from")
    paths = dict(versions.values_list("area_id", "path"))
    for area_id in area_ids:
        path = paths.get(area_id)
        if path is None or (ranges is not None and not any(low <= path < high for low, high in ranges)):
            raise Missing("no_such_area", "没有找到这个区划。", "There is no such area.")


def _reach_enterprises(actor: Actor, ids: Collection[int]) -> None:
    """Raises Missing where one lies outside the grants or is none."""
    rows = EnterpriseVersion.objects.filter(enterprise_id__in=listed(ids), superseded_at=None).order_by("as_of")
    found = dict(rows.values_list("enterprise_id", "area_id"))
    if set(found) != set(ids):
        raise Missing("no_such_enterprise", "没有找到这个带贫主体。", "There is no such enterprise.")
    _reach_areas(actor, set(found.values()))


# -- links, dividends ---------------------------------------------------------------------------------------------

_LINK = ("household_id", "enterprise_id", "form", "valid_from")


def keep_links(actor: Actor, rows: Sequence[EnterpriseLink]) -> list[Said]:
    """Record links, or say something else of one that began on the same day. An enterprise that names the same
    household twice, in one form at one time, is refused."""
    _bounded(rows)
    _reach(actor, {row.household_id for row in rows})
    for at, row in enumerate(rows, start=1):
        checks.link(row, at)
    known = set(
        Enterprise.objects.filter(pk__in=listed({row.enterprise_id for row in rows})).values_list("pk", flat=True)
    )
    if known != {row.enterprise_id for row in rows}:
        raise Missing("no_such_enterprise", "没有找到这个带贫主体。", "There is no such enterprise.")
    return _store(actor, EnterpriseLink, _LINK, rows, lambda: _refuse_overlaps(rows))


def _refuse_overlaps(rows: Sequence[EnterpriseLink]) -> None:
    keepers = _keepers(rows)
    held = EnterpriseLink.objects.filter(merged.of_households(set(keepers.values())), superseded_at=None)
    mine = {tuple(getattr(row, name) for name in _LINK) for row in rows}
    standing: dict[tuple[int, int, str], list[tuple[date, date | None]]] = {}
    for each in held.annotate(keeper=merged.KEEPER):
        if tuple(getattr(each, name) for name in _LINK) not in mine:
            same = (each.keeper, each.enterprise_id, each.form)
            standing.setdefault(same, []).append((each.valid_from, each.valid_to))
    for at, row in enumerate(rows, start=1):
        spans = standing.setdefault((keepers[row.household_id], row.enterprise_id, row.form), [])
        if any(_overlap((row.valid_from, row.valid_to), other) for other in spans):
            raise Problem(
                "link_overlaps",
                f"第 {at} 条：该主体与这一户已有同一方式、时间重叠的联结，未写入。请先结束原有联结。",
                f"Row {at}: the enterprise already has a link of this form with the household at that time; nothing is "
                "written. End that one first.",
                row=at,
            )
        spans.append((row.valid_from, row.valid_to))


def _keepers(rows: Sequence[EnterpriseLink] | Sequence[Dividend]) -> dict[int, int]:
    """Of the households of rows those that go on in their place, themselves where they were not merged."""
    keys = {row.household_id for row in rows}
    return {key: key for key in keys} | merged.kept_by(keys)


def _overlap(one: tuple[date, date | None], other: tuple[date, date | None]) -> bool:
    return (other[1] is None or one[0] < other[1]) and (one[1] is None or other[0] < one[1])


def end_rows(actor: Actor, model: type[EnterpriseLink] | type[Work], ids: Sequence[int], day: date, **said: Any) -> int:
    """End links or work: ``day`` is the last one. ``said``: further columns of the new version (why, for work).
    Returns how many. Raises Missing where one is not there, Problem where one has ended or had not begun."""
    _bounded(ids)
    end = checks.next_day(day)
    with write():
        hold_data()  # whoever says something else of one of them at the same time is not overwritten
        rows: list[Any] = list(model.objects.filter(pk__in=listed(ids), superseded_at=None))
        households = _households_of(model, rows)
        if model is Work and len(households) < len({row.person_id for row in rows}):  # somebody lives nowhere any more
            raise _no_such_row()
        _reach(actor, set(households))
        if len(rows) != len(set(ids)):
            raise _no_such_row()
        for at, row in enumerate(rows, start=1):
            if row.valid_from >= end or (row.valid_to is not None and row.valid_to <= end):
                raise Problem(
                    "cannot_end",
                    f"第 {at} 条那时已结束，或还没有开始。",
                    f"Row {at} has ended by then, or had not begun.",
                    row=at,
                )
        fresh = [_copy(row, valid_to=end, **said) for row in rows]
        _store(actor, model, _LINK if model is EnterpriseLink else _WORK, fresh)
    return len(fresh)


def _no_such_row() -> Missing:
    return Missing(
        "no_such_row", "没有这条记录，或已有新的版本。", "There is no such row, or there is a newer version."
    )


def _copy[Row: Said](row: Row, **changed: Any) -> Row:
    """A new version of a row: another word on the same thing."""
    kept = {each.attname: getattr(row, each.attname) for each in row._meta.concrete_fields if each.attname != "id"}
    return type(row)(**{**kept, "sheet_id": None, "row": None, **changed})


def _households_of(model: type[EnterpriseLink] | type[Work], rows: Sequence[Any]) -> list[int]:
    if model is EnterpriseLink:
        return [row.household_id for row in rows]
    people = listed({row.person_id for row in rows})
    return list(Membership.objects.filter(person_id__in=people, valid_to=None).values_list("household_id", flat=True))


def record_dividends(actor: Actor, rows: Sequence[Dividend]) -> list[Said]:
    """Record what is due and what was paid. A dividend needs its link."""
    _bounded(rows)
    _reach(actor, {row.household_id for row in rows})
    for at, row in enumerate(rows, start=1):
        checks.dividend(row, at)
    keepers = _keepers(rows)
    held = EnterpriseLink.objects.filter(merged.of_households(set(keepers.values())), superseded_at=None)
    linked = set(held.annotate(keeper=merged.KEEPER).values_list("keeper", "enterprise_id", "form"))
    for at, row in enumerate(rows, start=1):
        if (keepers[row.household_id], row.enterprise_id, row.form) not in linked:
            raise Problem(
                "dividend_without_link",
                f"第 {at} 条：该户与该主体没有这种联结。",
                f"Row {at}: there is no such link.",
                row=at,
            )
    return _store(actor, Dividend, ("household_id", "enterprise_id", "form", "period"), rows)


# -- work, loans, relocation --------------------------------------------------------------------------------------

_WORK = ("person_id", "kind", "employer", "post", "valid_from")


def keep_work(actor: Actor, rows: Sequence[Work]) -> list[Said]:
    """Record work of members. Whoever is under 16 on the first day is refused."""
    _bounded(rows)
    people = {row.person_id for row in rows}
    living = dict(
        Membership.objects.filter(person_id__in=listed(people), valid_to=None).values_list("person_id", "household_id")
    )
    if set(living) != people:
        raise Missing("no_such_person", "没有找到这个人。", "There is no such person.")
    _reach(actor, set(living.values()))
    births = checks.births(people)
    for at, row in enumerate(rows, start=1):
        checks.work(row, at, births.get(row.person_id))
    return _store(actor, Work, _WORK, rows)


def keep_loans(actor: Actor, rows: Sequence[Loan]) -> list[Said]:
    """Record loans, or their repayment. Needs the class bank."""
    _bounded(rows)
    _need_class(actor, BANK, _reach(actor, {row.household_id for row in rows}))
    for at, row in enumerate(rows, start=1):
        checks.loan(row, at)
    return _store(actor, Loan, ("household_id", "bank", "granted", "number"), rows)


def record_relocations(actor: Actor, rows: Sequence[Relocation]) -> list[Said]:
    """Record what was found of moved households on a day. What a row leaves open is as it was known before that day;
    who may not see the class of children neither changes nor loses what is said of schooling."""
    _bounded(rows)
    paths = _reach(actor, {row.household_id for row in rows})
    if any(row.has_school is not None for row in rows):
        _need_class(actor, CHILD, paths)
    for at, row in enumerate(rows, start=1):
        checks.relocation(row, at)
    with write():
        hold_data()  # what is taken over is what stands when it is written
        before: dict[int, Relocation] = {}
        asked = {row.household_id: row.as_of for row in rows}
        held = Relocation.objects.filter(merged.of_households(asked), superseded_at=None).annotate(keeper=merged.KEEPER)
        for each in sorted(held, key=lambda row: (row.household_id == row.keeper, row.as_of, row.pk)):
            if each.as_of <= asked[each.keeper]:
                before[each.keeper] = each
        for row in rows:
            checks.take_over(row, before.get(row.household_id))
            row.year = row.as_of.year
        return _store(actor, Relocation, ("household_id", "as_of"), rows)


def may_keep(actor: Actor, path: str, household_id: int | None = None) -> bool:
    """Whether forms are offered."""
    return may(actor, KEEP_LIVELIHOOD, area_path=path, household_id=household_id)
