"""Officials: who they are, their terms, absences, ranks, and their ties to households; the roster (干部名册)."""
