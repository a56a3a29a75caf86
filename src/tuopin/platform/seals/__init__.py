"""Seals of the register: made in one moment's state, proven to the byte, listed (docs/operate/seals.md, decision 0047).

The format is ``core.snapshot``. What is sealed is what the rooms publish: everything the fact catalogue names, and what
a room's ``sealing.py`` adds (``published.py`` says how).
"""
