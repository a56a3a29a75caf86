"""What the register adds to the help page: the meaning of every data issue."""

from __future__ import annotations

from tuopin.core.language.catalogue import Title
from tuopin.platform.help import Entry, Section
from tuopin.register.issue_codes import issue_codes

_SEVERITY = {
    "reject": Title("该行没有写入。", "The row was not taken."),
    "error": Title("该值按未知处理。", "The value counts as unknown."),
    "doubt": Title("已按原样写入，需要核对。", "Taken as written, to be looked at."),
    "info": Title("仅供了解。", "For information."),
}


def sections() -> list[Section]:
    """Data issues in the order of the file."""
    entries = tuple(Entry(each.title, _SEVERITY[each.severity], each.action) for each in issue_codes().values())
    return [Section("issues", Title("数据疑点", "Data issues"), entries)]
