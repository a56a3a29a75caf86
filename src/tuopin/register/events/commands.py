"""``tuopin balance``: an area's households and persons over a period, opening + in − out = closing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tuopin.platform.access import local_admin
from tuopin.platform.cli import json_option, output

if TYPE_CHECKING:
    from datetime import datetime

    from .balance import Sheet

DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command("balance")
@click.argument("area")
@click.argument("first", type=DAY, metavar="FROM")
@click.argument("last", type=DAY, metavar="TO")
@json_option
def balance_command(area: str, first: datetime, last: datetime, as_json: bool) -> None:
    """一段时间里一个区域的户和人：期初 + 增 − 减 = 期末。 Who came and went, both days within."""
    from .balance import balance

    sheet = balance(local_admin(), area, first.date(), last.date())
    output(sheet.document(), as_json, "" if as_json else _text(sheet))


def _text(sheet: Sheet) -> str:
    from .balance import LINES, MEASURES

    lines = [f"{sheet.area.name} {sheet.area.code}  {sheet.first} – {sheet.last}"]
    for name, title in MEASURES.items():
        held = sheet.whole[name]
        lines += ["", f"{title.zh} / {title.en}", f"  期初 opening {held.opening:>14,}"]
        for key in sheet.kinds():
            came, left = held.ins.get(key, 0), held.outs.get(key, 0)
            if came or left:
                lines.append(f"  +{came:>10,}  −{left:>10,}  {LINES[key].zh} / {LINES[key].en}")
        lines.append(f"  期末 closing {held.closing:>14,}")
    return "\n".join(lines)
