"""Judging from seals: a day seen with what was known then, figures re-computed, several cities together."""
