"""The clock of matters: reminders, escalation along the chain above a holder, stops, proposed leads."""
