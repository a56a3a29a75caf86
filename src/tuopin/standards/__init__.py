"""Standards at work: which pack holds where, evaluation of a whole register, verdicts and their explanation."""
