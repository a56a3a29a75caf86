"""Judging from seals at the command line: ``check --seal``, ``recompute``, ``federation``."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import click

from tuopin.core.standards.verdicts import VERDICTS
from tuopin.platform.access import local_admin
from tuopin.platform.cli import json_option, output, progress, say
from tuopin.platform.words import terminal_languages

if TYPE_CHECKING:
    import datetime

    from tuopin.standards.models import SealedEvaluation
    from tuopin.standards.sealed.selectors import Registered

DAY = click.DateTime(formats=["%Y-%m-%d"])


def _pick(zh: str, en: str) -> str:
    """In the terminal's language; in both where it names none."""
    languages = terminal_languages()
    return f"{zh} {en}" if len(languages) > 1 else en if languages == ("en",) else zh


def check_sealed(
    seal: int, standard: str, day: datetime.date, pack: str | None, area: str | None, *, as_json: bool
) -> None:
    """``tuopin check STANDARD --on DAY --seal N``."""
    from tuopin.standards.sealed import services

    with progress("核查 check") as bar:
        asked = services.Asked(seal, standard, day, pack, area)
        row = services.evaluate(local_admin(), asked, lambda _what, rows: bar(rows))
    output(document(row), as_json, None if as_json else text(row))


def document(row: SealedEvaluation) -> dict[str, Any]:
    """A result for programs."""
    return {
        "result": row.pk, "standard": row.standard, "pack": row.pack, "pack_version": row.pack_version,
        "on": row.day.isoformat(), "parameter_hash": row.parameter_hash, "seals": row.sources,
        "left_out": row.left_out, "facts": row.facts, "draft": row.draft, "tally": row.tally,
        "rows_digest": row.rows_digest, "against": row.against,
    }  # fmt: skip


def text(row: SealedEvaluation) -> str:
    """A result for people."""
    from tuopin.standards.sealed.services import said
    from tuopin.standards.sealed.tables import title

    named = title(row.pack, row.standard)
    lines = [f"{_pick(named.zh, named.en)}  [{row.pack} {row.pack_version}]  {row.day}"]
    for each in row.sources:
        older = "  " + _pick("早于判定日", "older than the day") if each["older"] else ""
        lines.append(
            f"{_pick('封存', 'seal')} {each['name']} {each['number']}  {each['sealed_at'][:10]}"
            f"  {each['digest'][:16]}{older}"
        )
    for each in row.left_out:
        reason = _pick(each["reason_zh"], each["reason_en"])
        lines.append(f"! {_pick('未算入', 'left out')} {each['name']} {each['code']}  {reason}")
    lines.append("".join(f"{word:>18}" for word in VERDICTS))
    for key, found in row.tally.items():
        lines.append("".join(f"{found.get(word, 0):>18,}" for word in VERDICTS) + f"  {key}")
    if row.against:
        sentence = said(row.against)
        lines.append(_pick(sentence.zh, sentence.en))
        if not row.against["same_pack"]:
            lines.append(_pick("标准包已不是当时的。", "The pack is no longer that of then."))
    if row.draft:
        lines.append(_pick("草案，未经确认：", "draft, unconfirmed:") + " " + ", ".join(row.draft))
    return "\n".join(lines)


@click.command("recompute")
@click.argument("evaluation", type=int)
@click.option("--seal", "--known-at", type=int, required=True, help="封存编号。 The number of the seal.")
@json_option
@click.pass_context
def recompute_command(context: click.Context, evaluation: int, seal: int, as_json: bool) -> None:
    """用封存数据复算一次已存的核查，逐个逐项比较；不同时退出码为 1。 Compute a stored evaluation again from a seal."""
    from tuopin.standards.sealed import services

    with progress("复算 recompute") as bar:
        row = services.recompute(local_admin(), evaluation, seal, lambda _what, rows: bar(rows))
    output(document(row), as_json, None if as_json else text(row))
    found = row.against or {}
    if found.get("differ") or found.get("only_stored") or found.get("only_sealed"):
        context.exit(1)


# ---- several instances ----------------------------------------------------------------------------------------------


@click.command("register")
@click.argument("address")
@click.option("--area", help="它在本登记册中的区划代码（默认同码）。 The area here that it stands for.")
@click.option("--anew", is_flag=True, help="已与该市核实，不与以前登记的比较。 Do not compare with the pins kept.")
@json_option
def register_command(address: str, area: str | None, anew: bool, as_json: bool) -> None:
    """登记一个下级实例：其封存所在的文件夹或 s3:// 地址。 Register another instance by where its seals lie."""
    from tuopin.standards.sealed import federation, selectors

    actor = local_admin()
    row = federation.add(actor, address, area=area, anew=anew)
    found = _instance(selectors.instance(actor, row.pk))
    lines = [
        f"{row.pk}  {row.name}  {found['area']}  {_pick('封存', 'seals')} {found['seals']}",
        f"{_pick('公钥指纹，请与该市核对：', 'fingerprint of its key, compare it with the city:')} {found['key']}",
    ]
    output(found, as_json, "\n".join(lines))


@click.command("list")
@json_option
def instances_command(as_json: bool) -> None:
    """列出已登记的下级实例。 List the registered instances."""
    from tuopin.standards.sealed import selectors

    found = [_instance(each) for each in selectors.instances(local_admin())]
    lines = [
        f"{each['number']:>4}  {each['area']:<14} {each['name']}  {_pick('最新封存', 'newest seal')} {each['newest']}"
        f"  {each['sealed_at'][:10]}  {each['state']}  {_pick(each['problem_zh'], each['problem_en'])}".rstrip()
        for each in found
    ]
    output({"instances": found}, as_json, "\n".join(lines))


def _instance(found: Registered) -> dict[str, Any]:
    row, newest = found.row, found.newest
    return {
        "number": row.pk, "instance": row.instance, "name": row.name, "address": row.address, "area": found.area.code,
        "key": hashlib.sha256(bytes.fromhex(row.public_key)).hexdigest(),
        "seals": found.seals, "newest": newest.number if newest else None, "digest": newest.digest if newest else "",
        "sealed_at": newest.sealed_at.isoformat() if newest else "", "state": row.state,
        "verified_at": newest.verified_at.isoformat() if newest and newest.verified_at else None,
        "problem_zh": row.problem_zh, "problem_en": row.problem_en,
    }  # fmt: skip


@click.command("look")
@click.argument("numbers", nargs=-1, type=int)
@click.option("--files", is_flag=True, help="取回并核对最新封存的每个文件。 Fetch and check every file of the newest.")
@json_option
@click.pass_context
def look_command(context: click.Context, numbers: tuple[int, ...], files: bool, as_json: bool) -> None:
    """核对下级实例：封存是否接续；被改写时退出码为 1。 Look whether the instances' chains of seals go on."""
    from tuopin.standards.sealed import federation, selectors

    actor = local_admin()
    chosen = [selectors.instance(actor, each) for each in numbers] or selectors.instances(actor)
    for each in chosen:
        federation.look(actor, each.row, whole=files)
    found = [_instance(selectors.instance(actor, each.row.pk)) for each in chosen]
    lines = [
        f"{each['number']:>4}  {each['name']}  {each['newest']}  {each['state']}"
        f"  {_pick(each['problem_zh'], each['problem_en'])}".rstrip()
        for each in found
    ]
    output({"instances": found}, as_json, "\n".join(lines))
    if any(each["state"] != federation.SOUND for each in found):
        context.exit(1)


@click.command("unregister")
@click.argument("number", type=int)
def unregister_command(number: int) -> None:
    """不再读取一个下级实例（已有结果保留）。 Read an instance no longer; results stay."""
    from tuopin.standards.sealed import federation, selectors

    actor = local_admin()
    found = selectors.instance(actor, number)
    federation.remove(actor, found.row)
    say(f"不再读取“{found.row.name}”。", f"“{found.row.name}” is read no longer.")


@click.command("together")
@click.argument("standard")
@click.option("--on", type=DAY, required=True, help="判定日。 The day.")
@click.option("--area", required=True, help="区划代码：其下的实例一起核查。 The area whose instances are judged.")
@click.option("--pack", help="标准包（默认：当日该区划指定的）。 The pack.")
@json_option
def together_command(standard: str, on: datetime.datetime, area: str, pack: str | None, as_json: bool) -> None:
    """用各下级实例最新的封存一起核查；缺的写明。 Judge the newest seals of all instances under an area."""
    from tuopin.standards.sealed import together

    with progress("核查 check") as bar:
        row = together.evaluate(
            local_admin(), area, standard, day=on.date(), pack=pack, progress=lambda _what, rows: bar(rows)
        )
    output(document(row), as_json, None if as_json else text(row))


@click.group("federation")
def federation_group() -> None:
    """下级实例的封存数据：登记、核对、一起核查。 Seals of other instances: register, look again, judge together."""


for _each in (register_command, instances_command, look_command, unregister_command, together_command):
    federation_group.add_command(_each)

sealed_commands: list[click.Command] = [recompute_command, federation_group]
