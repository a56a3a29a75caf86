"""What a reader may be told that an issue or a correction is about.

That somebody's 身体状况 was corrected, or that a list of a department has the person for disabled, says something of a
class of fields even without the value: such fields, columns and issues are named only to whom the class is open.
"""

from __future__ import annotations

from tuopin.core.language.catalogue import Title

from ..issue_codes import issue_codes
from ..record import Classes, is_open
from .fields import all_fields
from .recheck import FieldsOfColumns

A_FIELD = Title("一项资料", "a field")
AN_ISSUE = Title("一项资料待核实", "a field to be checked")
_GENERAL = "general"  # open to everybody who sees the subject at all


def tells(classes: Classes, field_class: str) -> bool:
    """Whether what is of a class may be named to a reader with these classes."""
    return field_class == _GENERAL or is_open(classes, field_class)


def field_title(name: str, classes: Classes) -> Title:
    """The name of a field. One that is not known any more is named to nobody but who sees everything."""
    known = all_fields().get(name)
    if known is None:
        return Title(name, name) if classes is None else A_FIELD
    return known.title if tells(classes, known.field_class) else A_FIELD


def issue_is_named(code: str, classes: Classes) -> bool:
    """Whether issues of a code may be told apart from others."""
    known = issue_codes().get(code)
    return known is None or tells(classes, known.field_class)


def issue_title(code: str, classes: Classes) -> Title:
    """The name of an issue."""
    known = issue_codes().get(code)
    if known is None:
        return Title(code, code)
    return known.title if tells(classes, known.field_class) else AN_ISSUE


class Columns:
    """The columns of issues as the workbooks write them, for one reader and page."""

    def __init__(self, classes: Classes) -> None:
        self._classes = classes
        self._field_of = FieldsOfColumns()

    def __call__(self, code: str, kind: str, column: str) -> str | Title:
        """``column`` itself, or that it is a field. The column of a department's list is the title of the list: it is
        named with the issue. A header that leads to no known field may be of any class."""
        if not column or self._classes is None:
            return column
        if not issue_is_named(code, self._classes):
            return A_FIELD
        if kind.startswith("list_"):
            return column
        field = self._field_of(kind, column)
        if not field:
            return column if is_open(self._classes, *_ANY) else A_FIELD
        known = all_fields().get(field)  # codes and places stand in no block
        return column if known is None or tells(self._classes, known.field_class) else A_FIELD

    def title(self, code: str, kind: str, column: str) -> Title:
        """The same for a template; both texts empty where there is no column."""
        found = self(code, kind, column)
        return Title(found, found) if isinstance(found, str) else found


_ANY = ("identity", "health", "disability", "bank", "child")
