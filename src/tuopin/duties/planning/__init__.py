"""Bulk assignment: drafts of who should help whom, worked out by a solver, looked at, applied."""
