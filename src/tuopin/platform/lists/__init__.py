"""The one engine of every list of the product: what it shows, how it is narrowed, sorted, paged, counted, streamed.

A room describes a list as a :class:`Listing`, names it in ``LISTINGS`` of its ``lists.py``, and shows it by
:func:`tuopin.platform.lists.pages.list_page`. Other rooms add columns and filters by ``EXTENSIONS`` of their own
``lists.py`` (``{listing key: function of the reader → Extension}``); they are found by name, as panels are.

The state of a list stands in its address and can be shared; what may not stand in an address (names, ID numbers) is
no filter of a list. Exports ask for the same :func:`stream` that pages use, so that they hold exactly what is shown.
"""

from .engine import Open, open_list
from .filters import ChoiceFilter, DateFilter, Filter, FlagFilter, NumberFilter, TextFilter
from .model import Cell, Column, Extension, Listing, Reader, Row
from .paging import Page
from .registry import listing, listings
from .state import State

__all__ = [
    "Cell",
    "ChoiceFilter",
    "Column",
    "DateFilter",
    "Extension",
    "Filter",
    "FlagFilter",
    "Listing",
    "NumberFilter",
    "Open",
    "Page",
    "Reader",
    "Row",
    "State",
    "TextFilter",
    "listing",
    "listings",
    "open_list",
]
