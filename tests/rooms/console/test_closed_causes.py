"""Causes of poverty that tell of health: their code to whom the class is open, their group to everybody else."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from console_city import City, restored
from people import account
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.models import Grant, User
from tuopin.platform.problems import Problem
from tuopin.register import counting
from tuopin.register.correcting.naming import AN_ISSUE
from tuopin.register.figures import area_figures
from tuopin.register.issue_codes import issue_codes
from tuopin.register.models import AreaCounts, DataIssue, Household, HouseholdCard
from tuopin.standards import results
from tuopin.standards.explaining.document import document
from tuopin.standards.explaining.subject import explain
from tuopin.standards.models import Verdict
from tuopin.standards.services import evaluate
from tuopin.standards.telling import told_letters

if TYPE_CHECKING:
    from tuopin.platform.access import Actor

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city(transactional_db: None, tmp_path_factory: pytest.TempPathFactory) -> City:
    made = restored(tmp_path_factory, households=150)
    account("plain", "county", made.top.code)
    return made


def client(name: str) -> Client:
    made = Client()
    made.force_login(User.objects.get(username=name))
    return made


def _opened(name: str) -> None:
    Grant.objects.filter(user__username=name).update(field_classes=["general", "identity", "health", "disability"])


def test_lists_filters_and_exports_show_the_group_alone(city: City) -> None:
    ill = HouseholdCard.objects.filter(main_cause="illness").count()
    family = HouseholdCard.objects.filter(
        main_cause__in=["illness", "disability", "schooling", "labour", "marriage", "funeral"]
    ).count()
    assert 0 < ill < family
    address = f"/areas/{city.top.code}/households/"
    county = client("plain")
    page = county.get(address).content.decode()
    assert "致贫原因类别" in page
    assert "家庭原因" in page
    assert "因病" not in page.replace("（病、残", "")
    chosen = county.get(address, {"main_cause": "illness"})
    assert chosen.status_code in {400, 404}, "the filter does not exist for this reader"
    group = county.get(address, {"cause_group": "family"}).content.decode()
    assert f"{family}" in group.split("<main")[1]
    _opened("plain")
    assert "因病" in county.get(address, {"main_cause": "illness"}).content.decode()


def test_charts_count_by_group_and_issues_that_tell_of_health_together(city: City) -> None:
    row = DataIssue.objects.filter(closed_at=None, area_id__isnull=False).first()
    assert row is not None
    code = next(code for code, each in issue_codes().items() if each.field_class != "general")
    DataIssue.objects.filter(pk=row.pk).update(code=code)
    counting.count_areas()
    counts = AreaCounts.objects.get(area_id=city.top.area_id)
    charts = {each.key: each for each in area_figures(actor_for(User.objects.get(username="plain")), city.top).charts}
    causes = [each.label.zh for each in charts["causes"].rows]
    assert causes[0].startswith("家庭原因")
    assert len(causes) == 3
    assert not any(each == "因病" for each in causes)
    assert sum(each.cells[0].value or 0 for each in charts["causes"].rows) == sum(
        number for name, number in counts.counts.items() if name.startswith("cause:")
    )
    assert AN_ISSUE.zh in [each.label.zh for each in charts["issues"].rows]
    _opened("plain")
    opened = {each.key: each for each in area_figures(actor_for(User.objects.get(username="plain")), city.top).charts}
    assert "因病" in [each.label.zh for each in opened["causes"].rows]


def test_the_page_of_a_household_shows_the_group_alone(city: City) -> None:
    codes = HouseholdCard.objects.filter(main_cause__in=["illness", "disability"]).values_list("code", flat=True)[:2]
    assert len(codes) == 2
    for code in codes:
        page = client("plain").get(f"/households/{code}/").content.decode()
        facts = page.split('id="profile"')[1].split("</section>")[0]
        assert "主要致贫原因" not in facts
        assert "家庭原因" in facts
    _opened("plain")
    opened = client("plain").get(f"/households/{codes[0]}/").content.decode()
    facts = opened.split('id="profile"')[1].split("</section>")[0]
    assert "主要致贫原因" in facts
    assert "家庭原因" not in facts


RULE = "illness_all_healthy"  # applies where the main cause is illness


def test_a_rule_that_applies_by_the_cause_tells_its_doubts_alone(city: City) -> None:
    run = evaluate(local_admin(), "household_quality", day=datetime.date(2018, 12, 1), pack="data-quality")
    place = 1 + run.items.index(RULE)
    words = list(Verdict.objects.filter(evaluation=run).values_list("subject_id", "letters"))
    assert {"m", "a"} <= {letters[place] for _key, letters in words}, "both kinds of households are there"
    ill, well = (next(key for key, letters in words if letters[place] == letter) for letter in "ma")
    address, asked = f"/areas/{city.top.code}/households/", {"standard": "household_quality", "item": RULE}

    def shown(verdict: str = "") -> int:
        return client("plain").get(address, {**asked, "verdict": verdict}).status_code

    assert [shown(each) for each in ("met", "not_applicable", "unknown")] == [400, 400, 400]
    assert [shown(each) for each in ("", "not_met")] == [200, 200]
    plain = actor_for(User.objects.get(username="plain"))
    for verdict in ("met", "not_applicable", "unknown"):
        with pytest.raises(Problem, match="not open to you"):
            results.subjects(plain, run, city.top, RULE, verdict)
    page = results.subjects(plain, run, city.top, "overall", "")
    assert {row.verdicts[RULE] for row in page.rows} <= {"met", "not_met"}
    assert told_letters("umna", ["a", "b", "c"], {"a", "c"}) == "umnm", "so in rows of results from seals"
    said = [explained_rule(plain, key) for key in (ill, well)]
    assert said[0] == said[1]
    _opened("plain")
    opened = actor_for(User.objects.get(username="plain"))
    assert [shown(each) for each in ("met", "not_applicable")] == [200, 200]
    assert [explained_rule(opened, key)["verdict"] for key in (ill, well)] == ["met", "not_applicable"]


def explained_rule(actor: Actor, key: int) -> dict[str, Any]:
    """What a program is told of the rule about one household."""
    code = Household.objects.get(pk=key).code
    found = document(explain(actor, code, standard="household_quality")[0])
    return next(each for each in found["items"] if each["key"] == RULE)
