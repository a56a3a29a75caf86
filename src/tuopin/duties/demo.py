"""What the demo city's offices keep of duties beside the register; each fill does nothing where its tables are full."""

from __future__ import annotations

from .cards import demo as cards
from .commitments import demo as commitments
from .headquarters import demo as headquarters
from .incidents import demo as incidents
from .officials.demo import fill as offices
from .planning import demo as planning
from .teams import demo as teams
from .visits.demo import visits

# cards name what the others made: they come last
FILLS = (offices, teams.fill, visits, incidents.fill, headquarters.fill, commitments.fill, planning.fill, cards.fill)
