"""``tuopin standards state, confirm, approve, schedule …``: the life cycle of a pack at the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.cli import json_option, output, say
from tuopin.platform.problems import Refused
from tuopin.platform.words import terminal_languages

if TYPE_CHECKING:
    from datetime import datetime

    from tuopin.core.language.catalogue import Title
    from tuopin.platform.access import Actor

DAY = click.DateTime(formats=["%Y-%m-%d"])


AS = click.option(
    "--as", "account", metavar="ACCOUNT", help="以哪个账号办理（要输入密码）。 Whose act it is; asks for the password."
)


def _actor(account: str | None) -> Actor:
    """The account named, once its password (and the code of its second factor) was given; else the local administrator,
    who is nobody in particular. Raises Refused for a wrong one."""
    if account is None:
        return local_admin()
    from tuopin.platform.accounts import second_factor
    from tuopin.platform.models import User

    user = User.objects.filter(username=account, is_active=True).first()
    given = click.prompt("密码 Password", hide_input=True, err=True)
    sound = user is not None and user.check_password(given)
    if user is not None and sound and second_factor.has(user):
        sound = second_factor.check(user, click.prompt("验证码 Code", err=True))
    if user is None or not sound:
        raise Refused("wrong_password", "账号、密码或验证码不对。", "Wrong account, password or code.")
    return actor_for(user)


@click.command("state")
@click.argument("pack")
@json_option
def state_command(pack: str, as_json: bool) -> None:
    """标准包走到哪一步，还有什么待确认。 Where a pack stands in its life cycle, and what is open."""
    from tuopin.standards.lifecycle.documents import document

    found = document(local_admin(), pack)
    output(found, as_json, None if as_json else _text(found))


def _text(found: dict[str, Any]) -> str:
    lines = [f"{found['pack']} {found['version']}  {_both(found['stage_title'])}"]
    test = found["test"]
    if test is not None:
        lines.append(f"  {test['cases']} {_pick('判例', 'cases')}, {test['failed']} {_pick('不符', 'failing')}")
    lines += [f"  ! {each['rule']} ({each['kind']})" for each in found["warnings"] if not each["justified"]]
    for item in found["items"]:
        closed = item["closed"]
        sign = {"confirmed": "✓", "set_aside": "–"}[closed["how"]] if closed else "?"
        who = f"  {closed['by']} {closed['on']} {closed['document'] or closed['reason']}" if closed else ""
        lines.append(f"  {sign} {item['key']}  {_both(item['title'])}{who}")
    return "\n".join(lines)


@click.command("record-test")
@click.argument("pack")
@click.option("--seed", type=int, default=1, show_default=True, help="探测用随机种子。 Seed of the generated register.")
def record_test_command(pack: str, seed: int) -> None:
    """运行标准包的测试并记录结果。 Run a pack's tests and record how they went."""
    from tuopin.standards.lifecycle.services import run_tests

    act = run_tests(local_admin(), pack, seed=seed)
    cases, failed, warned = act.detail["cases"], act.detail["failed"], len(act.detail["warnings"])
    say(f"{cases} 个判例，{failed} 个不符，{warned} 条规则总是或从不成立。",
        f"{cases} cases, {failed} failing, {warned} rules that never vary.")  # fmt: skip


@click.command("justify")
@click.argument("pack")
@click.argument("rule")
@click.option("--reason", required=True, help="理由。 Why the rule may come out alike for everybody.")
@AS
def justify_command(pack: str, rule: str, reason: str, account: str | None) -> None:
    """说明一条总是（从不）成立的规则为什么可以这样。 Justify a rule that always or never holds."""
    from tuopin.standards.lifecycle.services import justify

    justify(_actor(account), pack, rule, reason)
    say("已记下理由。", "The reason is recorded.")


@click.command("confirm")
@click.argument("pack")
@click.argument("item")
@click.option("--document", help="依据的文件（文号、条款）。 The document it rests on.")
@click.option("--value", help="未定限值的数值。 The value of an open limit.")
@click.option("--from", "first", type=DAY, help="数值的起始日。 The first day of the value.")
@click.option("--to", "last", type=DAY, help="数值的截止日（不含）。 The day after its last.")
@click.option("--set-aside", "reason", help="不确认而搁置，写理由。 Set it aside instead, for this reason.")
@click.option("--reopen", "why", help="收回确认，写理由。 Take the confirmation back, for this reason.")
@AS
def confirm_command(
    pack: str, item: str, document: str | None, value: str | None, first: datetime | None, last: datetime | None,
    reason: str | None, why: str | None, account: str | None,
) -> None:  # fmt: skip
    """确认、搁置或收回一个待确认项。 Confirm an open item, set it aside, or take that back."""
    from tuopin.standards.lifecycle import services

    if sum(each is not None for each in (document, reason, why)) != 1:
        raise click.UsageError("--document | --set-aside | --reopen")
    actor = _actor(account)
    if reason is not None:
        services.set_aside(actor, pack, item, reason)
    elif why is not None:
        services.reopen(actor, pack, item, why)
    else:
        given = None
        if value is not None:
            given = services.LimitValue(value, first.date() if first else None, last.date() if last else None)
        services.confirm(actor, pack, item, document or "", value=given)
    say("已记录。", "Recorded.")


@click.command("approve")
@click.argument("pack")
@click.option("--note", default="", help="批准依据。 On what ground.")
@AS
def approve_command(pack: str, note: str, account: str | None) -> None:
    """批准标准包（确认过任何一项的人不能批准）。 Approve a pack; who confirmed an item of it must not."""
    from tuopin.standards.lifecycle.services import approve

    approve(_actor(account), pack, note=note)
    say(f"标准包 {pack} 已批准。", f"The pack {pack} is approved.")


@click.command("schedule")
@click.argument("area")
@click.argument("pack")
@click.option("--from", "first", type=DAY, required=True, help="起始日。 The first day.")
def schedule_command(area: str, pack: str, first: datetime) -> None:
    """已批准的标准包自某日起在区划施行。 Put an approved pack in force in an area from a day on."""
    from tuopin.standards.lifecycle.services import schedule

    schedule(local_admin(), pack, area, first.date())
    say(f"{area}：{first.date()} 起施行 {pack}。", f"{area}: pack {pack} in force from {first.date()}.")


def _pick(zh: str, en: str) -> str:
    languages = terminal_languages()
    return f"{zh} {en}" if len(languages) > 1 else en if languages == ("en",) else zh


def _both(title: dict[str, str] | Title) -> str:
    return _pick(title["zh"], title["en"]) if isinstance(title, dict) else _pick(title.zh, title.en)


lifecycle_commands = (
    state_command, record_test_command, justify_command, confirm_command, approve_command, schedule_command,
)  # fmt: skip
