"""Help planned and given: policies, who is entitled, what was paid, and where the two differ; help plans."""
