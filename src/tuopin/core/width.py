"""Full-width letters, digits and marks as half-width ones, and nothing else.

Unicode's compatibility form (NFKC) goes further, ① = 1 and ² = 2, which would read numbers out of cells that hold none.
"""

from __future__ import annotations

_TABLE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xFFE5: 0xA5, 0x2212: 0x2D}


def half_width(text: str) -> str:
    """１，２３４．５０ as 1,234.50; the ideographic space as a space, ￥ as ¥, the minus sign − as a hyphen."""
    return text if text.isascii() else text.translate(_TABLE)
