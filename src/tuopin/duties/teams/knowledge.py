"""Knowledge checks (应知应会): questions about households of the village, drawn from the register by a seed.

Only facts of the class ``general`` are asked: of the cause of poverty its group, of the plan its measures but for those
that tell of health. The key is frozen when the questions are drawn, and shown once they are answered.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import asdict
from typing import TYPE_CHECKING

import orjson
from django.db.models import Count, Max
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.core.questioning import Question, draw, is_right
from tuopin.measures.models import HelpPlan, PlannedMeasure
from tuopin.measures.plans.selectors import may_be_told
from tuopin.platform.access import may
from tuopin.platform.auditing import audit
from tuopin.platform.database import write
from tuopin.platform.problems import Missing, Problem
from tuopin.register.codes import CAUSE_GROUPS, cause_group
from tuopin.register.models import AreaVersion, HouseholdCard
from tuopin.register.permissions import VIEW_HOUSEHOLD

from ..models import KnowledgeCheck
from ..permissions import RUN_CHECK
from ..selectors import own_official
from . import members

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuopin.platform.access import Actor

HOUSEHOLDS, EACH = 5, 3
GENERAL = frozenset({"general"})
STATUSES = {
    "registered": Title("未脱贫", "registered poor"),
    "exit_proposed": Title("预脱贫", "exit proposed"),
    "exited": Title("已脱贫", "exited"),
    "returned": Title("返贫", "fallen back"),
}
KINDS = {
    "members": Title("家里几口人", "how many members"),
    "registration": Title("登记状态", "status"),
    "cause": Title("主要致贫原因属哪一类", "group of the main cause of poverty"),
    "income": Title("人均纯收入（元，误差一成以内）", "net income per head (yuan, within a tenth)"),
    "measures": Title("今年计划有几项措施（健康类除外）", "measures in this year's plan (but for health)"),
}
CHOICES: Mapping[str, Mapping[str, Title]] = {"registration": STATUSES, "cause": dict(CAUSE_GROUPS)}
NEAR = {"income": 10}


def draw_check(actor: Actor, place: AreaVersion, official_id: int, *, seed: int | None = None) -> KnowledgeCheck:
    """Draw questions for a member. The same seed draws the same households and questions again, as long as the register
    says the same. Raises Missing without the right to see the households, Problem where there is nothing to ask."""
    today = timezone.localdate()
    if not may(actor, RUN_CHECK, area_path=place.path) or not may(actor, VIEW_HOUSEHOLD, area_path=place.path):
        raise Missing("no_such_area", "没有找到这个村。", "There is no such village.")
    members.require_member(official_id, place.area_id, today, today)
    if own_official(actor) == official_id:
        raise Problem("own_check", "不能考自己。", "Nobody checks himself.")
    chosen = secrets.randbelow(2**31) if seed is None else seed
    if not 0 <= chosen < 2**31:
        raise Problem("bad_seed", "种子数应在 0 到 2147483647 之间。", "The seed lies between 0 and 2147483647.")
    questions = [asdict(each) for each in draw(chosen, _known(place, today.year), HOUSEHOLDS, EACH, NEAR)]
    if not questions:
        raise Problem("nothing_to_ask", "这个村没有可以出题的户。", "There is nothing to ask about in this village.")
    digest = hashlib.sha256(orjson.dumps(questions, option=orjson.OPT_SORT_KEYS)).hexdigest()
    with write():
        row = KnowledgeCheck.objects.create(
            official_id=official_id, area_id=place.area_id, day=today, seed=chosen, questions=questions, digest=digest,
            asked=len(questions), drawn_by=actor.user_id, at=timezone.now(),
        )  # fmt: skip
        audit.record(actor, RUN_CHECK, f"check:{row.pk}", {"seed": chosen, "count": len(questions)}, digest)
    return row


def score(actor: Actor, row: KnowledgeCheck, given: Mapping[int, str]) -> int:
    """Compare the answers (by place of the question) with the key, once; returns how many are right."""
    with write():
        held = KnowledgeCheck.objects.select_for_update().get(pk=row.pk)
        if held.given is not None:
            raise Problem("scored_already", "这次测试已经评分。", "This check has been scored.")
        questions = questions_of(held)
        answers = [given.get(at, "").strip()[:40] for at in range(len(questions))]
        held.given = answers
        held.right = sum(is_right(each, answer) for each, answer in zip(questions, answers, strict=True))
        held.scored_at = timezone.now()
        held.save(update_fields=["given", "right", "scored_at"])
        audit.record(actor, "duties.score_check", f"check:{held.pk}", {"right": held.right, "count": held.asked})
    return held.right


def questions_of(row: KnowledgeCheck) -> list[Question]:
    """The questions as they were drawn."""
    return [Question(**each) for each in row.questions]


def one(actor: Actor, number: int) -> tuple[KnowledgeCheck, AreaVersion]:
    """A check, for who may run it there and see its households. Raises Missing; the two look alike."""
    row = KnowledgeCheck.objects.select_related("official").filter(pk=number).first() if number < 2**63 else None
    place = AreaVersion.objects.filter(area_id=row.area_id).order_by("-valid_from").first() if row else None
    if (
        row is None
        or place is None
        or not may(actor, RUN_CHECK, area_path=place.path)
        or not may(actor, VIEW_HOUSEHOLD, area_path=place.path)
        or own_official(actor) == row.official_id
    ):
        raise Missing("no_such_check", "没有这次测试。", "There is no such check.")
    return row, place


def _known(place: AreaVersion, year: int) -> dict[str, dict[str, str]]:
    """What may be asked of the village's households: code → kind → answer. Three statements."""
    cards = HouseholdCard.objects.filter(path=place.path, registration__in=STATUSES)
    plans = _measures(place, year)
    found: dict[str, dict[str, str]] = {}
    for card in cards:
        answers = {"members": str(card.members), "registration": card.registration or ""}
        group = cause_group(card.main_cause)
        if group is not None:
            answers["cause"] = group
        if card.income is not None and card.income > 0:
            answers["income"] = str((card.income + 50) // 100)
        if card.household_id in plans:
            answers["measures"] = str(plans[card.household_id])
        found[card.code] = answers
    return found


def _measures(place: AreaVersion, year: int) -> dict[int, int]:
    """The number of measures in each household's newest plan that a reader of general facts may be told of."""
    households = HouseholdCard.objects.filter(path=place.path).values("household_id")
    newest = HelpPlan.objects.filter(household_id__in=households, year=year).values("household_id")
    keys = dict(newest.annotate(last=Max("version")).values_list("household_id", "last"))
    rows = PlannedMeasure.objects.filter(plan__household_id__in=households, plan__year=year)
    found: dict[int, int] = {}
    counted = rows.values_list("plan__household_id", "plan__version", "sort", "policy").annotate(n=Count("pk"))
    for household, version, sort, policy, number in counted:
        if keys.get(household) == version and may_be_told(sort, policy, GENERAL):
            found[household] = found.get(household, 0) + number
    return found
