"""Helpers see their households: grants kept in step with the terms of the helpers' workbook, as sets.

A helper with an account holds one grant a term and household, from today (nothing was seen before) to the end of the
term. :func:`keep` compares what should be with what is, in three statements, however many there are; it runs after
every change of the register (``duties/tending.py``) and when accounts are made.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from django.db import connection
from django.utils import timezone

from tuopin.platform import database, roles, scopes
from tuopin.platform.accounts import granting
from tuopin.platform.auditing import audit
from tuopin.platform.models import Grant, Marker

from ..models import Assignment, Official

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from tuopin.platform.access import Actor

KEPT_BY = "duties.helper"
ROLE = "helper"
_SEEN = "duties.grants_at"


@dataclass(frozen=True, slots=True)
class Kept:
    """What :func:`keep` changed; ``left_out`` are terms whose grant does not go with another role of the person."""

    given: int
    moved: int
    ended: int
    left_out: int

    @property
    def changed(self) -> int:
        return self.given + self.moved + self.ended


# What somebody with an account answers for, of households.
_TERMS = """duties_assignment h
  JOIN duties_official r ON r.id = h.official_id AND r.user_id IS NOT NULL AND h.household_id IS NOT NULL"""


def keep(actor: Actor) -> Kept:
    """Bring the grants of helpers in step with their terms. Nothing is deleted: what has ended keeps its dates."""
    today = timezone.localdate()
    version = database.data_version()
    apart = _not_together(today)
    with database.exclusive("helper-grants"), database.write():
        done = Kept(
            ended=_end(today, apart),
            moved=_move(today),
            given=_give(today, apart),
            left_out=len(apart),
        )
        if done.changed:
            audit.record(actor, "duties.keep_grants", "helpers", asdict(done))
        Marker.objects.update_or_create(name=_SEEN, defaults={"number": version})
    return done


def is_behind() -> bool:
    """Whether the register has changed since the grants were last kept in step, and there is anything to keep."""
    seen = Marker.objects.filter(name=_SEEN).values_list("number", flat=True).first()
    return seen is not None and seen != database.data_version()


def _run(sql: str, parameters: Sequence[str | datetime]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)


def _without(column: str, apart: Sequence[int]) -> str:
    return f"AND {column} NOT IN ({', '.join(map(str, apart))})" if apart else ""


def _end(today: date, apart: Sequence[int]) -> int:
    """Grants whose term is over, gone, or another person's."""
    return _run(
        f"""UPDATE platform_grant SET valid_to = CASE WHEN valid_from > %s THEN valid_from ELSE %s END
        WHERE kept_by = %s AND (valid_to IS NULL OR valid_to > %s)
          AND NOT EXISTS (SELECT 1 FROM {_TERMS}
            WHERE h.id = platform_grant.kept_for AND r.user_id = platform_grant.user_id
              AND h.household_id = platform_grant.scope_id AND (h.valid_to IS NULL OR h.valid_to > %s)
              {_without("h.id", apart)})""",
        [str(today), str(today), KEPT_BY, str(today), str(today)],
    )


def _move(today: date) -> int:
    """Grants whose term now ends on another day."""
    return _run(
        """UPDATE platform_grant SET valid_to = (SELECT h.valid_to FROM duties_assignment h WHERE h.id = kept_for)
        WHERE kept_by = %s AND (valid_to IS NULL OR valid_to > %s)
          AND EXISTS (SELECT 1 FROM duties_assignment h WHERE h.id = platform_grant.kept_for
            AND h.valid_to IS DISTINCT FROM platform_grant.valid_to)""",
        [KEPT_BY, str(today)],
    )


def _give(today: date, apart: Sequence[int]) -> int:
    """Grants that are missing."""
    nothing = "CAST('[]' AS jsonb)" if database.is_postgresql() else "'[]'"
    return _run(
        f"""INSERT INTO platform_grant (user_id, role, scope_kind, scope_id, field_classes, valid_from, valid_to,
          kept_by, kept_for, created_at)
        SELECT r.user_id, %s, 'household', h.household_id, {nothing},
          CASE WHEN h.valid_from > %s THEN h.valid_from ELSE %s END, h.valid_to, %s, h.id, %s
        FROM {_TERMS}
        LEFT JOIN platform_grant g ON g.kept_by = %s AND g.kept_for = h.id AND g.user_id = r.user_id
          AND (g.valid_to IS NULL OR g.valid_to > %s)
        WHERE g.id IS NULL AND (h.valid_to IS NULL OR h.valid_to > %s) {_without("h.id", apart)}""",
        [ROLE, str(today), str(today), KEPT_BY, timezone.now(), KEPT_BY, str(today), str(today)],
    )


def _not_together(today: date) -> list[int]:
    """Terms of people who hold a role that does not go with helping that household (an inspector of the village)."""
    rules = [rule for rule in roles.incompatible() if any(rule.between(ROLE, key) for key in roles.all_roles())]
    others = {key for key in roles.all_roles() if any(rule.between(ROLE, key) for rule in rules)}
    helping = Official.objects.exclude(user=None).values("user_id")
    held = list(Grant.objects.filter(role__in=others, user_id__in=helping).exclude(valid_to__lte=today))
    if not held:
        return []
    people = {each.user_id for each in held}
    found = Assignment.objects.filter(official__user_id__in=people, household__isnull=False)
    terms = list(found.values_list("pk", "household_id", "official__user_id"))
    homes = scopes.paths("household", {household for _term, household, _user in terms})
    places = granting.places_of(granting.wanted(each) for each in held)
    return sorted(
        term
        for term, household, user in terms
        if any(
            rule.between(ROLE, each.role)
            and (
                rule.where == "anywhere"
                or granting.overlap(homes.get(household), places[(each.scope_kind, each.scope_id)])
            )
            for rule in rules
            for each in held
            if each.user_id == user
        )
    )
