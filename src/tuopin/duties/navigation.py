"""The pages of duties in the navigation."""

from __future__ import annotations

from tuopin.core.language.catalogue import Title
from tuopin.platform.navigation import Entry
from tuopin.register.permissions import VIEW_HOUSEHOLD

from .permissions import (
    HOLD_LEAD,
    MAKE_ACCOUNTS,
    PLAN_DUTIES,
    RECORD_VISIT,
    VIEW_CARDS,
    VIEW_HEADQUARTERS,
    VIEW_INCIDENT,
    VIEW_OFFICIAL,
    VIEW_TEAM,
    VIEW_VISIT,
)

ENTRIES = (
    Entry(
        "officials", Title("干部", "Officials"), "duties:officials", 34, VIEW_OFFICIAL,
        within=("duties:official", "duties:assign_household", "duties:assign_area", "duties:leave", "duties:caseloads"),
        group="duties",
    ),
    Entry(
        "organisations", Title("组织", "Organisations"), "duties:organisations", 35, VIEW_OFFICIAL,
        within=("duties:organisation", "duties:new_organisation", "duties:appoint"), group="duties",
    ),
    Entry("watching", Title("人盯人", "Who watches whom"), "duties:watching", 36, VIEW_OFFICIAL, group="duties"),
    Entry("duty_gaps", Title("责任空缺", "Gaps in duties"), "duties:gaps", 36, VIEW_OFFICIAL, group="duties"),
    Entry(
        "plans", Title("批量指派", "Bulk assignment"), "duties:plans", 36, PLAN_DUTIES, group="duties",
        within=("duties:plan", "duties:new_plan", "duties:plan_lines", "duties:plan_line", "duties:plan_changes"),
    ),
    Entry(
        "cards", Title("明白卡", "Cards"), "duties:cards", 38, VIEW_CARDS, group="duties",
        within=("duties:print_cards", "duties:ledger", "duties:templates"),
    ),
    Entry(
        "teams", Title("驻村工作队", "Resident teams"), "duties:teams", 37, VIEW_TEAM, group="duties",
        within=("duties:team", "duties:member_month", "duties:team_report", "duties:knowledge_check"),
    ),
    Entry(
        "incidents", Title("返贫、受灾事件", "Incidents"), "duties:incidents", 39, VIEW_INCIDENT,
        within=("duties:incident", "duties:new_incident"), group="duties",
    ),
    Entry(
        "leads", Title("问责线索", "Leads"), "duties:leads", 40, HOLD_LEAD, takes_area=False,
        within=("duties:lead", "duties:new_lead"), group="duties",
    ),
    Entry(  # for everybody: whoever is asked must find it, and that it stands there tells nothing of anybody
        "own_leads", Title("请我说明的事项", "What I am asked"), "duties:own_leads", 41, takes_area=False,
        group="duties",
    ),
    Entry(  # helpers see theirs on the household's page: the list is of an area
        "commitments", Title("军令状", "Commitments"), "duties:commitments", 43, VIEW_OFFICIAL,
        within=("duties:commitment", "duties:commitment_write"), group="duties",
    ),
    Entry(
        "headquarters", Title("指挥部", "Headquarters"), "duties:headquarters", 42, VIEW_HEADQUARTERS,
        within=("duties:headquarters_one", "duties:headquarters_plan", "duties:headquarters_write",
                "duties:assign_headquarters", "duties:opinions", "duties:opinion"),
        group="duties",
    ),
    Entry(
        "my_visits", Title("我的走访责任", "My duties to visit"), "duties:my_visits", 30, RECORD_VISIT,
        takes_area=False, group="duties",
    ),
    Entry(
        "visit_coverage", Title("遍访进度", "Coverage of visits"), "duties:visit_coverage", 31, VIEW_VISIT,
        group="duties",
    ),
    Entry(
        "visits", Title("走访", "Visits"), "duties:visits", 32, VIEW_VISIT,
        within=("duties:visit", "duties:correct_visit", "duties:record_visit", "duties:record_area_visit",
                "duties:household_visits"),
        group="duties", also=(VIEW_HOUSEHOLD,),
    ),
    Entry(
        "visit_problems", Title("走访发现的问题", "Problems found at visits"), "duties:visit_problems", 33, VIEW_VISIT,
        within=("duties:visit_problem",), group="duties", also=(VIEW_HOUSEHOLD,),
    ),
    Entry(
        "helper_accounts", Title("帮扶人账号", "Helpers’ accounts"), "duties:helper_accounts", 81, MAKE_ACCOUNTS,
        takes_area=False, group="system",
    ),
)  # fmt: skip
