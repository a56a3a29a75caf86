"""Why a subject has its verdict: each value with its evidence, what is blank and who can fill it."""
