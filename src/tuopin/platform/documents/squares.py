"""Square codes (QR) as drawings, made here: no request leaves the machine."""

from __future__ import annotations

import segno

_MASK = 2  # one fixed mask is read as well as any; trying all eight took ten times as long
_QUIET = 4  # modules of white around, as readers want it


def square(text: str) -> str:
    """An address as a square code, as SVG of one path. Stands a fold or a stain: error correction M."""
    code = segno.make(text, error="m", mask=_MASK, micro=False, boost_error=False)
    rows = [bytes(row) for row in code.matrix]
    side = len(rows) + 2 * _QUIET
    path = "".join(_runs(row, at + _QUIET) for at, row in enumerate(rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}">'
        f'<path d="M0 0h{side}v{side}h-{side}z" fill="#fff"/><path d="{path}" stroke="#000"/></svg>'
    )


def _runs(row: bytes, y: int) -> str:
    """The dark runs of a row as strokes along its middle, each from the end of the one before."""
    parts, x, pen = [], 0, -1
    while x < len(row):
        if not row[x]:
            x += 1
            continue
        end = x
        while end < len(row) and row[end]:
            end += 1
        parts.append(f"M{x + _QUIET} {y}.5h{end - x}" if pen < 0 else f"m{x - pen} 0h{end - x}")
        x = pen = end
    return "".join(parts)
