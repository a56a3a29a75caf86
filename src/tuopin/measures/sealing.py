"""What of measures is sealed beside the fact catalogue, and what not."""

from tuopin.core.language.catalogue import Title

TITLES = (
    ("measures_household_help", Title("帮扶落实", "help given")),
    ("measures_household_channels", Title("增收渠道", "channels of income")),
    ("measures_county_enterprises", Title("带贫龙头企业", "leading enterprises")),
    ("measures_relocation", Title("易地搬迁", "relocation")),
)

LEFT_OUT = {
    "measures_household_now": "a view over the events of households, which are sealed",
    "measures_payment": "lists of payments: no rule speaks of them yet, and documents are as people wrote them",
    "measures_gap_run": "made from what is sealed, and made again whenever it is needed",
    "measures_gap": "made from what is sealed, and made again whenever it is needed",
    "measures_gap_figures": "made from what is sealed, and made again whenever it is needed",
    "measures_help_plan": "what rules know of it stands in measures_household_help; plans hold what people wrote",
    "measures_planned_measure": "as plans",
    "measures_plan_answer": "as plans",
    "measures_measure_done": "as plans",
    "measures_income_worksheet": "what the register takes of signed ones stands in its income; the rest is their paper",
    "measures_worksheet_line": "as worksheets",
    "measures_worksheet_answer": "as worksheets",
    "measures_worksheet_taken": "as worksheets",
    "measures_project": "no rule speaks of projects yet; documents and payees are as people wrote them",
    "measures_project_version": "as projects",
    "measures_project_acceptance": "as projects",
    "measures_project_benefit": "as projects",
    "measures_fund": "as projects",
    "measures_fund_move": "as projects",
    "measures_enterprise": "what rules know of enterprises and links stands in two views over them, which are sealed",
    "measures_enterprise_version": "as enterprises",
    "measures_enterprise_risk": "as enterprises",
    "measures_enterprise_link": "as enterprises; contracts are as people wrote them",
    "measures_dividend": "as enterprises: no rule speaks of single dividends",
    "measures_work": "what rules know of it stands in measures_household_channels",
    "measures_loan": "of the class bank as a whole: no rule speaks of loans, and no seal tells who owes money",
}
