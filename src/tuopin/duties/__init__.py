"""Duties: who answers for which household, from which day to which day."""
