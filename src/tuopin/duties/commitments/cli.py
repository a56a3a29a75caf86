"""Commands of commitments."""

from __future__ import annotations

import click

from tuopin.platform.access import local_admin
from tuopin.platform.cli import json_option, output


@click.command("commitments")
@click.option("--area", required=True, help="区划代码。 Code of an area.")
@json_option
def commitments_command(area: str, as_json: bool) -> None:
    """军令状：重新核对数据，按层级列出未签齐、已兑现、未兑现、未知。 Commitments: measured anew, counted by level."""
    from tuopin.register.selectors import area as area_of

    from . import following, selectors

    actor = local_admin()
    place = area_of(actor, area)
    following.keep()
    counts = selectors.by_level(actor, place)
    lines = [
        " ".join([level, *(f"{following.OUTCOMES[key].zh} {count:,}" for key, count in found.items())])
        for level, found in counts.items()
    ]
    output({"area": place.code, "levels": counts}, as_json, "\n".join(lines) or "没有军令状 none")


commands: list[click.Command] = [commitments_command]
