"""Lists of orders."""

from .board.lists import MATTERS
from .closings.lists import EARLY
from .hung.lists import HUNG
from .ledger.lists import LEDGER

LISTINGS = (MATTERS, EARLY, LEDGER, HUNG)
