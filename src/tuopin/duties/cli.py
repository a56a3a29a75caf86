"""Commands of duties: helpers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tuopin.platform.access import local_admin
from tuopin.platform.auditing import readlog
from tuopin.platform.cli import json_option, output, progress, writable
from tuopin.platform.problems import Problem

from .commitments.cli import commands as commitments
from .headquarters.cli import commands as headquarters
from .list_cli import commands as lists
from .planning.cli import commands as planning
from .visits.cli import commands as visits

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


@click.command("duty-gaps")
@click.option("--area", required=True, help="区划代码。 Code of an area.")
@click.option("--on", "day", type=click.DateTime(formats=["%Y-%m-%d"]), required=True, help="日期。 The day.")
@json_option
def gaps_command(area: str, day: datetime, as_json: bool) -> None:
    """责任空缺：哪些户、村、乡、县没有在任责任人。 Where nobody answers: households and areas, by role."""
    from tuopin.register.selectors import area as area_of

    from .assigning import gaps

    actor, on = local_admin(), day.date()
    place = area_of(actor, area, on)
    rows = gaps.report(actor, place, on)
    readlog.read(actor, "duties.gaps", {"on": on.isoformat(), "area": place.code}, len(rows))
    document = {
        "area": place.code,
        "on": on.isoformat(),
        "below": [
            {"area": row.area.code, **{key: [held.missing, held.needed] for key, held in row.roles.items()}}
            for row in rows
        ],
    }
    titles = [role.title for role in gaps.needed_roles()]
    lines = [" ".join(["区划 area", *(f"缺{title.zh}" for title in titles)])]
    lines += [
        " ".join([row.area.code, row.area.name, *(f"{each.missing:,}/{each.needed:,}" for each in row.roles.values())])
        for row in rows
    ]
    output(document, as_json, "\n".join(lines))


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
    from .helpers import accounts as helper_accounts
    from .helpers import slips

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


@click.command("watching")
@click.option("--area", required=True, help="区划代码。 Code of an area.")
@click.option("--on", "day", type=click.DateTime(formats=["%Y-%m-%d"]), required=True, help="日期。 The day.")
@json_option
def watching_command(area: str, day: datetime, as_json: bool) -> None:
    """人盯人：各类户有没有合格的盯办人。 Who watches over the households of each category, by area below."""
    from tuopin.register.selectors import area as area_of

    from .watching import watchers as watching

    actor, on = local_admin(), day.date()
    place = area_of(actor, area, on)
    report = watching.report(actor, place, on)
    readlog.read(actor, "duties.watching", {"on": on.isoformat(), "area": place.code}, len(report.rows))
    document = {
        "area": place.code,
        "on": on.isoformat(),
        "waiting": sorted(report.waiting),
        "below": [
            {
                "area": row.area.code,
                **{
                    key: {"fit": each.fit, "low": each.low, "unknown": each.unknown, "missing": each.missing}
                    for key, each in row.of.items()
                },
            }
            for row in report.rows
        ],
    }
    lines = []
    for key, category in report.categories.items():
        lines.append(f"{category.title.zh} {category.title.en}")
        if key in report.waiting:
            lines.append("  未知：还没有评估 unknown: no evaluation yet")
            continue
        lines += [
            f"  {row.area.code} {row.area.name} ✓ {row.of[key].fit:,} ✗ {row.of[key].missing + row.of[key].low:,} "
            f"? {row.of[key].unknown:,} / {row.of[key].needed:,}"
            for row in report.rows
        ]
    output(document, as_json, "\n".join(lines))


@click.command("caseload")
@click.option("--area", required=True, help="区划代码。 Code of an area.")
@click.option("--role", required=True, help="角色。 The role, as in roles.toml.")
@click.option("--level", default="", help="职级；不写则全部。 Level of the post; every level without.")
@click.option("--most", type=int, help="每人至多；不写则取消本区域的设定。 At most; without, as the area above says.")
@click.option(
    "--on", "day", type=click.DateTime(formats=["%Y-%m-%d"]), required=True, help="自哪天起。 From which day."
)
@json_option
def caseload_command(area: str, role: str, level: str, most: int | None, day: datetime, as_json: bool) -> None:
    """每人负责数上限：按区域、角色设定。 How much one official may answer for, by area and role."""
    from tuopin.register.selectors import area as area_of

    from .assigning import caseload

    actor, on = local_admin(), day.date()
    place = area_of(actor, area, on)
    caseload.set_bound(actor, place.area_id, role, most, day=on, level=level)
    document = {"area": place.code, "role": role, "level": level, "most": most, "from": on.isoformat()}
    output(document, as_json, f"{place.name} {role} {'取消 unset' if most is None else most}")


commands: list[click.Command] = [
    *planning,
    helpers_command,
    gaps_command,
    helper_accounts_command,
    *visits,
    *headquarters,
    *commitments,
    *lists,
    watching_command,
    caseload_command,
]
