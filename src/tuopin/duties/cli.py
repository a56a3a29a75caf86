"""Commands of duties: helpers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tuopin.platform.access import local_admin
from tuopin.platform.auditing import readlog
from tuopin.platform.cli import json_option, output, progress, writable
from tuopin.platform.problems import Problem

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


@click.command("helper-accounts")
@click.option("--area", default="", help="区划代码；不写则全部。 Code of an area; everywhere without.")
@click.option(
    "--again",
    is_flag=True,
    help="给从未登录的人换初始密码。 New first passwords for those who never signed in.",
)
@click.option(
    "--slips",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=writable,
    help="把初始密码写入这个新文件（CSV，仅本人可读）。 Write the first passwords into this new file.",
)
@json_option
def helper_accounts_command(area: str, again: bool, target: Path | None, as_json: bool) -> None:
    """为帮扶责任人建账号，授权随帮扶关系变动。 Accounts for helpers; their grants follow their terms."""
    from . import helper_accounts, slips

    if target is not None and target.exists():
        raise Problem("file_exists", f"文件已存在：{target}。请换一个名字。", f"There is already a file {target}.")
    actor = local_admin()
    act = helper_accounts.new_passwords if again else helper_accounts.make
    with progress("账号 accounts") as bar:
        made = act(actor, area, bar)
    if target is not None:
        slips.write_out(actor, made.sheets, target)
    document = helper_accounts.document(made)
    line = (
        f"新建 made {made.made:,}，已有 had one {made.had_one:,}，待判定 doubtful {made.doubtful:,}，"
        f"跨区划 beyond the area {made.outside:,}，授权 grants {made.grants:,}"
    )
    output(document, as_json, line)


commands: list[click.Command] = [helpers_command, helper_accounts_command]
