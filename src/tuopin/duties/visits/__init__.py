"""Visits (走访) and the duties to visit (遍访): what was seen and said, who has been where, what falls due."""
