"""Resident teams: presence, leave, what they know of their households, reports to the dispatching unit."""
