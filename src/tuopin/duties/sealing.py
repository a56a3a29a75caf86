"""What of duties is sealed beside the fact catalogue, and what not, and why."""

from tuopin.core.language.catalogue import Title

_NAMES = "names and telephones of officials"
_OFFICES = "who holds which office: no rule speaks of it yet"
_PLANS = "plans of offices: no rule speaks of them; versions are written once and bear their own digest"
_PROMISES = "names officials; written once, with the digest of the exact text"
TITLES = (
    ("duties_household_visits", Title("走访次数", "visits to households")),
    ("duties_assignment", Title("责任起止", "terms of duty")),
    ("duties_helper_status", Title("帮扶责任人本人是否在册", "helpers who are registered themselves")),
)
_TEAMS = "attendance and leave of officials: no rule speaks of it"
LEFT_OUT = {
    "duties_official": _NAMES,
    "duties_official_name": _NAMES,
    "duties_organisation": _OFFICES,
    "duties_organisation_version": _OFFICES,
    "duties_organisation_link": _OFFICES,
    "duties_post": _OFFICES,
    "duties_term": _OFFICES,
    "duties_absence": _OFFICES,
    "duties_official_tie": "who is whose relative",
    "duties_caseload": "how much one may answer for is asked when somebody is assigned, of no sealed figure",
    "duties_assignment_plan": "drafts of assignments: what was applied stands with these",
    "duties_plan_helper": "as plans of assignments",
    "duties_plan_line": "as plans of assignments",
    "duties_slips": "first passwords that wait to be printed",
    "duties_headquarters_detail": _OFFICES,
    "duties_headquarters_plan": _PLANS,
    "duties_plan_step": _PLANS,
    "duties_step_report": _PLANS,
    "duties_opinion": _PLANS,
    "duties_commitment": _PROMISES,
    "duties_commitment_target": _PROMISES,
    "duties_commitment_signature": _PROMISES,
    "duties_commitment_replacement": "which commitment another one replaced, and why",
    "duties_commitment_judgement": "words of people about an official's promise",
    "duties_commitment_state": "worked out from commitments and from evaluations, which are sealed",
    "duties_card_print": "which cards were printed: no rule speaks of it",
    "duties_card_code": "keys of codes that open a household's card",
    "duties_ledger_print": "digests of ledgers, bound to the audit chain where they were printed",
    "duties_word_template": "templates of offices",
    "duties_presence_sheet": _TEAMS,
    "duties_team_leave": _TEAMS,
    "duties_knowledge_check": "drawn again from the seed; its answers are facts, which are sealed",
    "duties_team_report": "bears its own digest",
    "duties_team_proposal": "what was proposed about an official",
    "duties_incident": "words of people about a household; what was known bears its own digest",
    "duties_incident_report": "as incidents",
    "duties_incident_closing": "as incidents",
    "duties_lead": "leads leave the installation in no form, and are erased when dismissed",
    "duties_visit": "what people said and wrote; what rules know of visits stands in duties_household_visits",
    "duties_visit_by": "as visits",
    "duties_visit_last": "made from visits",
    "duties_visit_met": "as visits",
    "duties_visit_finding": "as visits; what the register took over is sealed there",
    "duties_visit_problem": "as visits",
    "duties_visit_photo": "as visits",
    "duties_visit_place": "where an official was: kept 12 months and never sealed",
}
