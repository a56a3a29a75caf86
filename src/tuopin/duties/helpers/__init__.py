"""Accounts of helpers: who is one person, first passwords, and the grants to see the households they help."""
