"""Compare and what-if: two judgements of one area side by side, and a poverty line that may be moved.

Nothing here is an evaluation: results stand in a job's file or in memory, say that they are a what-if, and are written
to no table of verdicts (docs/decisions/0038).
"""
