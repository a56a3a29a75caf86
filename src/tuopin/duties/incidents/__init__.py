"""Incidents: a household falls back or is hurt; leads: whether somebody is to account for something."""
