"""The life cycle of packs: tested, confirmed item by item, approved by a second person, scheduled, in force.

1. ``models``    acts, written once; 2. ``given`` the values that a city gave for open limits, as packs are read.
3. ``states``    where a pack stands, and what of an evaluation is draft (the rules: ``core.standards.lifecycle``).
4. ``services``  testing, confirming, setting aside, approving, scheduling; pages, commands and API call them.
"""
