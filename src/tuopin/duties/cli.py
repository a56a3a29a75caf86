"""Commands of duties: helpers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tuopin.platform import readlog
from tuopin.platform.access import local_admin
from tuopin.platform.cli import json_option, output

if TYPE_CHECKING:
    from datetime import datetime


@click.command("helpers")
@click.option(
    "--gaps", is_flag=True, required=True, help="列出没有在任帮扶责任人的户。 Households without a live helper."
)
@click.option("--on", "day", type=click.DateTime(formats=["%Y-%m-%d"]), required=True, help="日期。 The day.")
@json_option
def helpers_command(gaps: bool, day: datetime, as_json: bool) -> None:  # noqa: ARG001 - the one list there is so far
    """帮扶责任人：谁负责，哪里没有人负责。 Helpers: where nobody answers for a household."""
    from .selectors import without_live_helper

    actor = local_admin()
    codes = list(without_live_helper(actor, day.date()).values_list("code", flat=True))
    readlog.read(actor, "duties.without_live_helper", {"on": day.date().isoformat()}, len(codes))
    text = "\n".join([*codes, "", f"{len(codes):,} 户没有在任帮扶责任人 households without a live helper"])
    output({"without_live_helper": codes}, as_json, text)


commands: list[click.Command] = [helpers_command]
