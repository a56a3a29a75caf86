"""``tuopin tick``"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tuopin.platform.access import local_admin
from tuopin.platform.cli import json_option, output
from tuopin.platform.commands.outbox import Moment

if TYPE_CHECKING:
    from datetime import datetime


@click.command("tick")
@click.option("--now", type=Moment(), help="按这一时刻运行（默认现在）。 Run as of this time, by default now.")
@click.option("--force", is_flag=True, help="允许时间回退或超前一天以上。 Allow a time that goes back, or far ahead.")
@json_option
def tick_command(now: datetime | None, force: bool, as_json: bool) -> None:
    """运行事项时钟：催办、逾期上报、回头看。 Run the clock of matters: reminders, escalation, look-backs."""
    from django.utils import timezone

    from ..alike.clock import look as look_alike
    from ..hung.clock import tell
    from ..petitions import daily, reassigning
    from .tick import tick

    moment = now or timezone.now()
    report = tick(local_admin(), moment, force=force)
    document = report.document() | {"signs_told": tell(local_admin(), moment)}
    document["alike_told"] = look_alike(local_admin(), moment)
    reassigning.look(local_admin(), moment)
    daily.tell(local_admin(), moment)
    shown = {key: value for key, value in document.items() if key not in {"steps", "unfinished"}} | report.steps
    output(document, as_json, "\n".join(f"{key}\t{value}" for key, value in shown.items()))


commands: list[click.Command] = [tick_command]
