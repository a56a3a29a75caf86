"""Reading measures: the comparison that holds for an area, its figures, a household's payments and gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from tuopin.platform.access import field_classes_at, require, subtree, visible_ids, visible_paths
from tuopin.platform.database import data_version
from tuopin.register import selectors as register
from tuopin.register.areas import WIDTH, ids
from tuopin.register.models import EventSubject, HouseholdCard, Membership
from tuopin.register.permissions import VIEW_HOUSEHOLD

from .livelihood import panel
from .merged import OWN, living, of_households
from .models import Gap, GapFigures, GapRun, Payment
from .permissions import VIEW
from .policies import Policy, opened, policies

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

STATES = ("both", "missing", "excess", "unknown", "unclear", "no_list", "gone")
"""The order in which counts are stored (``comparing.STATES``, which needs the set engine)."""
FEW = 5
"""Fewer are not told of where the class of fields is closed."""


def run_of(actor: Actor, version: AreaVersion | None) -> GapRun | None:
    """The newest comparison that covers the whole area; without an area, all that the actor may see: what another
    county compared neither hides rows nor is told of."""
    found = GapRun.objects.order_by("-pk")
    if version is not None:
        return found.filter(Q(area=None) | Q(area_id__in=ids(version.path))).first()
    ranges = visible_paths(actor, VIEW)
    if ranges is None:
        return found.first()
    single = sorted(visible_ids(actor, VIEW, "household"))
    paths = set(HouseholdCard.objects.filter(household_id__in=single).values_list("path", flat=True))
    paths |= {low if subtree(low)[1] == high else low[:-WIDTH] for low, high in ranges}
    over = set.intersection(*(set(ids(path)) for path in paths)) if paths else set()
    return found.filter(Q(area=None) | Q(area_id__in=over)).first()


@dataclass(frozen=True, slots=True)
class Shown:
    """A count as it may be shown: ``text`` empty = not at all. ``listed``: the reader may open the rows behind it."""

    number: int
    text: str
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One policy in one area: its counts in the order of ``STATES``."""

    policy: Policy
    counts: dict[str, Shown]


@dataclass(frozen=True, slots=True)
class Overview:
    """What the newest comparison says of an area; ``stale``: the register has changed since."""

    run: GapRun
    lines: tuple[Line, ...]
    stale: bool


def overview(actor: Actor, version: AreaVersion) -> Overview | None:
    """Counts by policy. Of policies whose class of fields is closed to the actor nothing in villages, and above them
    no number below five. None: nobody has compared yet. Raises Refused."""
    require(actor, VIEW, area_path=version.path)
    run = run_of(actor, version)
    if run is None:
        return None
    stored = GapFigures.objects.filter(run=run, area_id=version.area_id).values_list("counts", flat=True).first() or {}
    classes = field_classes_at(actor, VIEW, version.path)
    open_ = {each.key for each in opened(classes)}
    lines = []
    for key, policy in policies().items():
        counts = dict(zip(STATES, stored.get(key, [0] * len(STATES)), strict=True))
        if key in open_:
            shown = {name: Shown(number, f"{number:,}", listed=True) for name, number in counts.items()}
        else:
            shown = {name: _hidden(number, version.level) for name, number in counts.items()}
        lines.append(Line(policy, shown))
    return Overview(run, tuple(lines), run.data_version != data_version())


def _hidden(number: int, level: str) -> Shown:
    if level in {"village", "group"}:
        return Shown(0, "")
    return Shown(number, f"<{FEW}" if 0 < number < FEW else f"{number:,}")


def gaps(actor: Actor, version: AreaVersion | None, classes: frozenset[str] | None) -> QuerySet[Gap]:
    """Gaps of the newest comparison of an area, of policies whose classes of fields are open, of households that the
    actor may see where they live today."""
    run = run_of(actor, version)
    if run is None:
        return Gap.objects.none()
    found = Gap.objects.filter(run=run, policy__in=[each.key for each in opened(classes)])
    if version is not None:
        low, high = register.subtree(version)
        found = found.filter(path__gte=low, path__lt=high)
    for permission in (VIEW, VIEW_HOUSEHOLD):
        ranges = visible_paths(actor, permission)
        if ranges is not None:
            single = visible_ids(actor, permission, "household")
            found = found.filter(register.within(ranges, "household__card__path") | Q(household_id__in=sorted(single)))
    return found


@dataclass(frozen=True, slots=True)
class Help:
    """One row of what a household's page shows: a payment, a gap, a measure of the newest version of its plan, or the
    code (``text``) of a former household that was merged into it.

    ``amount``: fen of a payment, version of a plan. ``day``: paid, compared, due. ``flag``: the day of payment is
    known; the measure was done. ``text`` and ``more``: document and office; kind of gap; content and organisation.
    """

    what: str
    number: int
    who: str
    policy: str
    amount: int | None
    day: str
    text: str
    more: str
    said: str  # in kind; the household's answer
    sort: str  # class of a measure
    flag: bool


_PAYMENTS = """
SELECT 'payment', p.id, COALESCE(c.name, ''), p.policy, '', CAST(p.paid_on AS TEXT), p.in_kind, p.amount,
  CAST(NULL AS BIGINT), p.document, p.office, CASE WHEN p.day_known THEN 1 ELSE 0 END
FROM measures_payment p LEFT JOIN register_person_card c ON c.person_id = p.person_id
WHERE p.superseded_at IS NULL AND (p.household_id IN (SELECT household_id FROM own)
  OR p.person_id IN (SELECT m.person_id FROM register_membership m WHERE m.household_id = %s AND m.valid_to IS NULL))
"""
_FORMER = """
SELECT 'former', k.id, '', '', '', '', '', CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), k.code, '', 0
FROM own o JOIN register_household k ON k.id = o.household_id WHERE o.came = 1
"""
_GAPS = """
SELECT 'gap', g.id, COALESCE(c.name, ''), g.policy, '', CAST(r.day AS TEXT), '', CAST(NULL AS BIGINT),
  CAST(NULL AS BIGINT), g.kind, '', 0
FROM measures_gap g JOIN measures_gap_run r ON r.id = g.run_id
LEFT JOIN register_person_card c ON c.person_id = g.person_id
WHERE g.household_id = %s AND g.run_id = (SELECT MAX(n.id) FROM measures_gap_run n WHERE n.area_id IS NULL{areas})
"""
_PLAN = """
SELECT 'plan', m.number, COALESCE(c.name, ''), m.policy, m.sort, CAST(m.due AS TEXT), COALESCE(a.kind, ''),
  CAST(h.version AS BIGINT), CAST(NULL AS BIGINT), m.content, m.organisation, CASE WHEN EXISTS (
    SELECT 1 FROM measures_measure_done d JOIN measures_planned_measure o ON o.id = d.measure_id
    JOIN measures_help_plan q ON q.id = o.plan_id
    WHERE q.household_id = h.household_id AND q.year = h.year AND o.number = m.number AND d.takes_back_id IS NULL
      AND NOT EXISTS (SELECT 1 FROM measures_measure_done w WHERE w.takes_back_id = d.id)) THEN 1 ELSE 0 END
FROM measures_planned_measure m JOIN measures_help_plan h ON h.id = m.plan_id
LEFT JOIN measures_plan_answer a ON a.plan_id = h.id
LEFT JOIN register_person_card c ON c.person_id = m.person_id
WHERE h.household_id = %s AND h.year = %s AND h.version = (
  SELECT MAX(v.version) FROM measures_help_plan v WHERE v.household_id = %s AND v.year = %s)
"""


def of_household(version: AreaVersion, household_id: int, year: int) -> tuple[list[Help], list[panel.Line]]:
    """Payments, gaps, the plan of a year, and what is known of the livelihood, in one statement: the page of a
    household has many panels. Nothing is left out here: the caller has checked the household, and leaves out what the
    reader's classes do not open."""
    above = ", ".join(str(int(each)) for each in ids(version.path))
    gaps_ = _GAPS.replace("{areas}", f" OR n.area_id IN ({above})" if above else "")
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE {OWN} {_PAYMENTS} UNION ALL {_FORMER} UNION ALL {gaps_} UNION ALL {_PLAN} UNION ALL "
            f"{panel.SQL}",
            [*[household_id] * 4, year, household_id, year],
        )
        rows = cursor.fetchall()
    helps = [_help(row) for row in rows if row[0] in _HELP]
    lines = [panel.line(row) for row in rows if row[0] not in _HELP]
    return sorted(helps, key=lambda each: (each.what, each.number)), lines


_HELP = frozenset({"payment", "former", "gap", "plan"})


def _help(row: tuple[Any, ...]) -> Help:
    """The columns are those of livelihood, under which a payment, a gap or a measure is written."""
    what, number, who, policy, sort, day, said, amount, _none, text, more, flag = row
    return Help(what, number, who, policy, amount, day, text, more, said, sort, bool(flag))


def payments(actor: Actor, version: AreaVersion | None, classes: frozenset[str] | None) -> QuerySet[Payment]:
    """Payments that stand, of policies whose classes of fields are open, to households that the actor may see where
    they live today. What a household received that is no more is found where its member, or the household that it
    was merged into, lives now."""
    found = Payment.objects.filter(superseded_at=None, policy__in=[each.key for each in opened(classes)])
    if version is not None:
        found = found.filter(lives([register.subtree(version)]))
    for permission in (VIEW, VIEW_HOUSEHOLD):
        ranges = visible_paths(actor, permission)
        if ranges is not None:
            single = visible_ids(actor, permission, "household")
            found = found.filter(lives(ranges) | of_households(single))
    return found


def lives(ranges: list[tuple[str, str]]) -> Q:
    """Payments whose household, or who follows it, lives in ranges of paths."""
    person = register.within(ranges, "person__card__path")
    return living(ranges) | (Q(household__card__path="") & person)


def after_death() -> Exists:
    """That a payment is dated on or after the day on which its receiver died, as events of the register say."""
    died = EventSubject.objects.filter(
        person=OuterRef("person"), day__lte=OuterRef("paid_on"), event__kind="death", event__undone=None
    )
    return Exists(died)


def member_then() -> Exists:
    """That the receiver belonged to the household on the day of payment."""
    held = Membership.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=OuterRef("paid_on")), person=OuterRef("person"),
        household=OuterRef("household"), valid_from__lte=OuterRef("paid_on"),
    )  # fmt: skip
    return Exists(held)
