"""``tuopin outbox``"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import click

from tuopin.platform.cli import json_option, output, say

if TYPE_CHECKING:
    from typing import Any

_YEARS = range(2000, 2200)


class Moment(click.ParamType[datetime.datetime]):
    """A moment in ISO form; without a zone it is that of the installation."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime.datetime:
        from django.utils import timezone

        try:
            found = datetime.datetime.fromisoformat(str(value))
            found = found if found.tzinfo else timezone.make_aware(found)
        except (ValueError, OverflowError):
            self.fail(f"{value}：应写作 2018-12-01T08:30。 Write it as 2018-12-01T08:30.", param, ctx)
        if found.year not in _YEARS:
            self.fail(f"{value}：年份应在 2000–2199。 The year must be 2000–2199.", param, ctx)
        return found


@click.group()
def outbox() -> None:
    """消息的发送。 Messages that leave by mail and gateway."""


@outbox.command()
@click.option("--now", type=Moment(), help="按这一时刻处理（默认现在）。 Act as of this time, by default now.")
@json_option
def send(now: datetime.datetime | None, as_json: bool) -> None:
    """送出到期的消息。 Send what is due."""
    from django.utils import timezone

    from tuopin.platform.access import local_admin
    from tuopin.platform.outbox.channels import channels
    from tuopin.platform.outbox.sending import send as send_due

    if not channels():
        say("没有配置邮件或网关，消息只在系统内。", "Neither mail nor a gateway is set up: messages stay in the inbox.")
    report = send_due(local_admin(), now or timezone.now())
    lines = [f"planned\t{report.planned}"]
    for channel, counted in report.by_channel.items():
        lines += [f"{channel}\t{what}\t{n}" for what, n in counted.items()]
    output(report.document(), as_json, "\n".join(lines))


@outbox.command()
@json_option
def status(as_json: bool) -> None:
    """渠道是否配置，各状态多少。 Which channels are set up, and how many dispatches stand where."""
    from django.db.models import Count

    from tuopin.platform.access import local_admin
    from tuopin.platform.outbox.channels import channels
    from tuopin.platform.outbox.operators import dispatches
    from tuopin.platform.outbox.planning import GATEWAY, MAIL

    on = channels()
    rows = dispatches(local_admin()).values("channel", "state").annotate(n=Count("pk")).order_by("channel", "state")
    document = {
        "channels": {name: name in on for name in (MAIL, GATEWAY)},
        "dispatches": [dict(row) for row in rows],
    }
    lines = [f"{name}\t{'on' if set_up else 'off'}" for name, set_up in document["channels"].items()]  # type: ignore[attr-defined]
    lines += [f"{row['channel']}\t{row['state']}\t{row['n']}" for row in rows]
    output(document, as_json, "\n".join(lines))


@outbox.command()
@json_option
def retry(as_json: bool) -> None:
    """重新发送没有送达的。 Queue anew what did not get through."""
    from tuopin.platform.access import local_admin
    from tuopin.platform.outbox.operators import again

    count = again(local_admin(), None)
    output({"queued": count}, as_json, str(count))
