"""What the demo city keeps of matters; each fill does nothing where its tables are full."""

from __future__ import annotations

from .board import demo as board
from .families import demo as families
from .hung import demo as hung
from .papers import demo as papers
from .petitions import demo as petitions

FILLS = (board.fill, families.fill, papers.fill, petitions.fill, hung.fill)
