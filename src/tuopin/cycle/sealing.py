"""What of the cycle is sealed, and what not: no rule speaks of it."""

LEFT_OUT = {
    "cycle_opening": "what somebody chose, no facts about households",
    "cycle_plan_item": "which matter a planned measure came from; matters are not sealed",
    "cycle_closing_proposal": "worked out from verdicts and matters",
}
