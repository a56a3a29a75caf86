"""Directives, problems and petitions: one workflow with a clock."""
