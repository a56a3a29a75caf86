"""``tuopin user``"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from tuopin.platform.cli import json_option, output, say

if TYPE_CHECKING:
    import datetime

    from tuopin.platform.models import Grant, User


@click.group()
def user() -> None:
    """用户与授权。 Users and their grants."""


_password = click.option(
    "--password-stdin",
    is_flag=True,
    help="从标准输入读取密码；否则随机生成。 Read it from stdin; else a random one is made.",
)


def _given(from_stdin: bool) -> str | None:
    """A password never comes as an argument: those can be read by others on the machine."""
    return sys.stdin.readline().rstrip("\r\n") if from_stdin else None


@user.command()
@click.argument("username")
@click.option("--name", "display_name", default="", help="姓名。 Name as shown.")
@click.option("--language", type=click.Choice(["zh-hans", "en"]), default="zh-hans", show_default=True)
@click.option("--keep-password", is_flag=True, help="首次登录不必修改密码。 Do not ask for a new password at first.")
@_password
@json_option
def add(
    username: str, display_name: str, language: str, keep_password: bool, password_stdin: bool, as_json: bool
) -> None:
    """新建用户。 Create an account and print its password."""
    from tuopin.platform import access
    from tuopin.platform.accounts import services as accounts

    made, password = accounts.add_user(
        access.local_admin(), username, _given(password_stdin),
        display_name=display_name, language=language, must_change=not keep_password,
    )  # fmt: skip
    document: dict[str, Any] = {"username": made.username}
    if not password_stdin:
        document["password"] = password
    output(document, as_json, "\t".join(document.values()))


@user.command(name="list")
@json_option
def list_users(as_json: bool) -> None:
    """列出用户与授权。 List accounts and their grants."""
    from tuopin.platform.models import User

    users = [_document(item) for item in User.objects.prefetch_related("grants").order_by("username")]
    lines = []
    for item in users:
        lines.append(f"{item['username']}\t{item['name']}\t{'' if item['active'] else '停用 closed'}")
        lines += [
            f"  {held['id']}\t{held['role']}\t{held['over']}\t{held['from']} – {held['to'] or ''}"
            for held in item["grants"]
        ]
    output({"users": users}, as_json, "\n".join(lines))


def _document(item: User) -> dict[str, Any]:
    return {
        "username": item.username,
        "name": item.display_name,
        "active": item.is_active,
        "grants": [_grant(held) for held in sorted(item.grants.all(), key=lambda held: held.pk)],
    }


def _grant(held: Grant) -> dict[str, Any]:
    return {
        "id": held.pk,
        "role": held.role,
        "over": held.scope_kind if held.scope_id is None else f"{held.scope_kind}:{held.scope_id}",
        "field_classes": held.field_classes,
        "from": held.valid_from.isoformat(),
        "to": held.valid_to.isoformat() if held.valid_to else None,
    }


@user.command()
@click.argument("username")
@_password
@json_option
def password(username: str, password_stdin: bool, as_json: bool) -> None:
    """重设密码并解锁。 Set a new password and unlock the account."""
    from tuopin.platform import access
    from tuopin.platform.accounts import services as accounts

    made = accounts.set_password(access.local_admin(), accounts.find_user(username), _given(password_stdin))
    document = {"username": username} if password_stdin else {"username": username, "password": made}
    output(document, as_json, "\t".join(document.values()))


@user.command(name="reset-factor")
@click.argument("username", required=False)
@click.option(
    "--all",
    "everybody",
    is_flag=True,
    help="所有账号（恢复备份时没有恢复密钥）。 Every account: after a restore without keys.",
)
def reset_factor(username: str | None, everybody: bool) -> None:
    """重置第二重验证，下次登录时重新设置。 Take a lost second factor away; a new one is set up at the next sign-in."""
    from tuopin.platform import access
    from tuopin.platform.accounts import second_factor
    from tuopin.platform.accounts import services as accounts
    from tuopin.platform.problems import Problem

    if bool(username) == everybody:
        raise Problem("one_user", "请写一个用户名，或者 --all。", "Name one user, or --all.")
    found = second_factor.holders() if everybody else [accounts.find_user(username or "")]
    for each in found:
        accounts.reset_second_factor(access.local_admin(), each)
    say(f"完成：{len(found)} 个账号。", f"Done: {len(found)} accounts.")


@user.command()
@click.argument("username")
@click.option("--open", "active", flag_value=True, type=bool, help="重新启用。 Open it again.")
@click.option("--close", "active", flag_value=False, type=bool, default=False, help="停用。 Close it.")
def close(username: str, active: bool) -> None:
    """停用或启用账号。 Close an account, or open it again."""
    from tuopin.platform import access
    from tuopin.platform.accounts import services as accounts

    accounts.set_active(access.local_admin(), accounts.find_user(username), active)
    say("完成。", "Done.")


@user.command()
@click.argument("username")
@click.argument("role")
@click.option("--area", help="区划代码。 Code of an area, with everything below it.")
@click.option("--household", help="户编号。 Code of one household.")
@click.option("--organisation", help="单位编号。 Code of an organisation.")
@click.option("--all", "everything", is_flag=True, help="全部。 Everything.")
@click.option("--field-class", "field_classes", multiple=True, help="另开放的字段类别。 A further class of fields.")
@click.option("--from", "valid_from", type=click.DateTime(["%Y-%m-%d"]), help="起（含）。 From this day.")
@click.option("--to", "valid_to", type=click.DateTime(["%Y-%m-%d"]), help="止（不含）。 To this day, excluded.")
@json_option
def grant(
    username: str,
    role: str,
    area: str | None,
    household: str | None,
    organisation: str | None,
    everything: bool,
    field_classes: tuple[str, ...],
    valid_from: datetime.datetime | None,
    valid_to: datetime.datetime | None,
    as_json: bool,
) -> None:
    """授予角色。 Give a user a role over something."""
    from tuopin.platform import access
    from tuopin.platform.accounts import services as accounts
    from tuopin.platform.problems import Problem

    named = [
        (kind, code)
        for kind, code in (("area", area), ("household", household), ("organisation", organisation))
        if code
    ]
    chosen = named + ([("all", "")] if everything else [])
    if len(chosen) != 1:
        raise Problem(
            "one_scope",
            "请指定一个授权范围：--area、--household、--organisation 或 --all。",
            "Name one thing to grant over: --area, --household, --organisation or --all.",
        )
    made = accounts.grant_by_code(
        access.local_admin(), accounts.find_user(username), role, *chosen[0], field_classes=field_classes,
        valid_from=valid_from.date() if valid_from else None, valid_to=valid_to.date() if valid_to else None,
    )  # fmt: skip
    output(_grant(made), as_json, f"{made.pk}\t{made}")


@user.command()
@click.argument("grant_id", type=int)
def revoke(grant_id: int) -> None:
    """收回授权（编号见 list）。 End a grant, by its number in the list."""
    from tuopin.platform import access
    from tuopin.platform.accounts import services as accounts

    accounts.revoke(access.local_admin(), grant_id)
    say("完成。", "Done.")
