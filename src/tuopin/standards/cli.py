"""Commands of this room: check, explain, standards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tuopin.core.standards.verdicts import VERDICTS
from tuopin.platform.access import local_admin
from tuopin.platform.cli import json_option, output, progress, say, writable
from tuopin.platform.words import terminal_languages
from tuopin.standards.comparing.cli import compare_command
from tuopin.standards.lifecycle.cli import lifecycle_commands
from tuopin.standards.procedures.cli import procedures_group
from tuopin.standards.sealed.cli import check_sealed, sealed_commands

if TYPE_CHECKING:
    from datetime import date, datetime

    from tuopin.core.language.catalogue import Title
    from tuopin.core.standards.kinds import Kind
    from tuopin.core.standards.verdicts import Verdict
    from tuopin.standards.models import Evaluation

DAY = click.DateTime(formats=["%Y-%m-%d"])


def _day(value: datetime | None) -> date | None:
    return value.date() if value else None


def _pick(zh: str, en: str) -> str:
    """In the terminal's language; in both where it names none."""
    languages = terminal_languages()
    return f"{zh} {en}" if len(languages) > 1 else en if languages == ("en",) else zh


def _title(title: dict[str, str] | Title) -> str:
    return _pick(title["zh"], title["en"]) if isinstance(title, dict) else _pick(title.zh, title.en)


# ---- check --------------------------------------------------------------------------------------------------------


@click.command("check")
@click.argument("standard", required=False)
@click.option(
    "--chain",
    is_flag=True,
    help="标准包的全部达标标准，由低到高，一次核查。 All conditions of the pack, from households up to the city.",
)
@click.option("--on", type=DAY, required=True, help="判定日。 The day, such as 2018-12-01.")
@click.option("--pack", help="标准包（默认：当日该区划指定的，否则 national）。 The pack.")
@click.option("--area", help="区划代码（默认：全部）。 An area's code; the whole register by default.")
@click.option("--seal", "--known-at", type=int, help="只按这次封存时所知。 With only what was known at this seal.")
@click.option(
    "--xlsx",
    type=click.Path(dir_okay=False, writable=True),
    callback=writable,
    help="结果写入工作簿。 Write a workbook too.",
)
@json_option
def check_command(
    standard: str | None, chain: bool, on: datetime, pack: str | None, area: str | None, seal: int | None,
    xlsx: str | None, as_json: bool,
) -> None:  # fmt: skip
    """按标准核查登记册，保存每户（村、县）逐项判定。 Judge the register by a standard and store the verdicts."""
    from tuopin.platform.auditing import readlog
    from tuopin.standards.selectors import subjects_document
    from tuopin.standards.services import evaluate

    if chain == bool(standard):
        raise click.UsageError(_pick("请指定标准，或用 --chain 核查全部。", "Name a standard, or all with --chain."))
    if chain and xlsx:
        raise click.UsageError(_pick("--xlsx 只用于单个标准。", "--xlsx is for a single standard."))
    if seal is not None:
        if standard is None or xlsx:
            raise click.UsageError(_pick("--seal 只用于单个标准。", "--seal takes one standard, no --xlsx."))
        check_sealed(seal, standard, on.date(), pack, area, as_json=as_json)
        return
    if standard is None:
        _check_chain(on.date(), pack, area, as_json)
        return
    actor = local_admin()
    with progress("核查 check") as bar:
        evaluation = evaluate(
            actor, standard, day=on.date(), pack=pack, area=area, progress=lambda _what, rows: bar(rows)
        )
    document: dict[str, Any] = {
        "standard": evaluation.standard,
        "pack": evaluation.pack,
        "on": evaluation.day.isoformat(),
        "draft": evaluation.draft,
        "tally": evaluation.tally,
    }
    if xlsx:
        from tuopin.standards.workbook import write_verdicts

        digest = write_verdicts(actor, evaluation, xlsx, "en" if terminal_languages() == ("en",) else "zh")
        readlog.read(actor, "standards.verdicts", {"evaluation": evaluation.pk}, _total(evaluation), digest)
        say(f"已写入 {xlsx}", f"Written: {xlsx}")
    if as_json:
        readlog.read(actor, "standards.verdicts", {"evaluation": evaluation.pk}, _total(evaluation))
        output({**document, "subjects": subjects_document(actor, evaluation)}, as_json=True)
    else:
        output(document, False, _check_text(evaluation))


def _check_chain(day: date, pack: str | None, area: str | None, as_json: bool) -> None:
    from tuopin.standards import evaluating
    from tuopin.standards.packs import get_pack
    from tuopin.standards.places import bound_pack, place_of
    from tuopin.standards.services import evaluate_chain

    chosen = pack or bound_pack(place_of(area, day), day)
    standards, left_out = evaluating.chain(get_pack(chosen), area, day)
    asked = [(chosen, each.key) for each in standards]
    with progress("核查 check") as bar:
        made = evaluate_chain(local_admin(), asked, day=day, area=area, progress=lambda _what, rows: bar(rows))
    document = {
        "pack": chosen,
        "on": day.isoformat(),
        "evaluations": [
            {"standard": each.standard, "level": each.level, "evaluation": each.pk, "draft": each.draft,
             "tally": each.tally}
            for each in made
        ],
        "left_out": [{"code": each.code, "zh": each.zh, "en": each.en} for each in left_out],
    }  # fmt: skip
    text = "\n\n".join([*(_check_text(each) for each in made), *(_pick(each.zh, each.en) for each in left_out)])
    output(document, as_json, None if as_json else text)


def _total(evaluation: Evaluation) -> int:
    return sum(evaluation.tally["overall"].values())


def _check_text(evaluation: Evaluation) -> str:
    from tuopin.standards.packs import get_pack

    standard = get_pack(evaluation.pack).standard(evaluation.standard)
    titles = {item.key: item.title for item in standard.items}
    lines = [
        f"{_title(standard.title)}  [{evaluation.pack}]  {evaluation.day}",
        "",
        "".join(_word(standard.kind, verdict).rjust(20) for verdict in VERDICTS),
    ]
    for key, counts in evaluation.tally.items():
        if key == "overall" and standard.kind.overall is None:
            continue
        numbers = "".join(f"{counts.get(verdict, 0):>18,}" for verdict in VERDICTS)
        name = _pick("总评", "overall") if key == "overall" else _title(titles[key])
        lines.append(f"{numbers}  {name} [{key}]")
    if evaluation.draft:
        lines += ["", _pick("草案，未经确认：", "draft, unconfirmed:") + " " + ", ".join(evaluation.draft)]
    return "\n".join(lines)


# ---- explain ------------------------------------------------------------------------------------------------------


@click.command("explain")
@click.argument("subject")
@click.argument("standard", required=False)
@click.option(
    "--on", type=DAY, help="判定日（默认：最近一次已存的判定）。 The day; by default that of the last evaluation."
)
@click.option("--pack", help="标准包。 The pack.")
@json_option
def explain_command(subject: str, standard: str | None, on: datetime | None, pack: str | None, as_json: bool) -> None:
    """逐项说明一户（村、县）的判定：数值、限值、来源、差距、依据。 Explain one subject's verdicts item by item."""
    from tuopin.standards.explaining.document import document
    from tuopin.standards.explaining.subject import explain
    from tuopin.standards.explaining.text import explanation_text

    found = explain(local_admin(), subject, standard=standard, day=_day(on), pack=pack)
    documents = [document(each) for each in found]
    text = None if as_json else "\n\n".join(explanation_text(each, _title) for each in documents)
    output({"subject": subject, "explanations": documents}, as_json, text)


def _word(kind: Kind, verdict: Verdict, *, overall: bool = False) -> str:
    said = kind.said(verdict, overall=overall)
    return f"{said.sign} {_title(said.title)}"


# ---- standards ----------------------------------------------------------------------------------------------------


@click.group("standards")
def standards_group() -> None:
    """标准包：列表、内容、判例。 Packs of standards: list, contents, cases."""


@standards_group.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """列出标准包及其标准。 List packs and their standards."""
    from tuopin.standards.packs import folders, get_pack

    packs = [get_pack(key) for key in folders()]
    document = [
        {
            "pack": pack.key, "version": pack.version, "base": pack.base, "title": _both(pack.title),
            "standards": [
                {
                    "key": each.key, "kind": each.kind.key, "level": each.level, "title": _both(each.title),
                    "items": [item.key for item in each.items],
                }
                for each in pack.standards.values()
            ],
        }
        for pack in packs
    ]  # fmt: skip
    lines = []
    for pack in packs:
        lines.append(f"{pack.key} {pack.version}  {_title(pack.title)}")
        lines += [f"  {each.key}  ({each.level})  {_title(each.title)}" for each in pack.standards.values()]
    output({"packs": document}, as_json, "\n".join(lines))


def _both(title: Title) -> dict[str, str]:
    return {"zh": title.zh, "en": title.en}


@standards_group.command("show")
@click.argument("standard")
@click.option("--pack", default="national", show_default=True, help="标准包。 The pack.")
@click.option("--on", type=DAY, help="参数取值日。 The day of the parameters.")
@json_option
def show_command(standard: str, pack: str, on: datetime | None, as_json: bool) -> None:
    """显示一个标准：逐项条件、限值、来源、草案。 Show a standard: items, limits, sources, draft."""
    from tuopin.standards.show import show, show_text

    document = show(pack, standard, _day(on))
    output(document, as_json, show_text(document, _title))


@standards_group.command("test")
@click.argument("packs", nargs=-1)
@click.option("--seed", type=int, default=1, show_default=True, help="探测用随机种子。 Seed of the generated register.")
@json_option
@click.pass_context
def test_command(context: click.Context, packs: tuple[str, ...], seed: int, as_json: bool) -> None:
    """检查标准包：规则、判例、总是或从不成立的规则。 Test packs: rules, cases, rules that never vary."""
    from tuopin.standards.packs import folders
    from tuopin.standards.show import check_pack

    results = [check_pack(key, seed) for key in packs or tuple(folders())]
    lines = []
    for result in results:
        failed = result["failed"]
        lines.append(
            f"{'✗' if failed or result['probe'] else '✓'} {result['pack']}: {result['cases']} {_pick('判例', 'cases')}"
        )
        for case in failed:
            lines.append(f"    ✗ {case['file']}: {_title(case['name'])}")
            lines += [f"        {d['key']}: {d['expected']} ≠ {d['found']}" for d in case["differences"]]
        lines += [f"    ! {each['standard']}: {_title(each['message'])}" for each in result["probe"]]
    output({"packs": results}, as_json, "\n".join(lines))
    if any(result["failed"] or result["probe"] for result in results):
        context.exit(1)


@standards_group.command("bind")
@click.argument("area")
@click.argument("pack")
@click.option("--from", "valid_from", type=DAY, required=True, help="起始日。 The first day.")
@click.option("--to", "valid_to", type=DAY, help="截止日（不含）。 The day after the last.")
def bind_command(area: str, pack: str, valid_from: datetime, valid_to: datetime | None) -> None:
    """为区划指定标准包。 Bind a pack to an area from a day on."""
    from tuopin.standards.services import bind_pack

    bind_pack(local_admin(), area, pack, valid_from=valid_from.date(), valid_to=_day(valid_to))
    say(f"{area}：{valid_from.date()} 起用标准包 {pack}。", f"{area}: pack {pack} from {valid_from.date()}.")


standards_group.add_command(compare_command)
for _each in lifecycle_commands:
    standards_group.add_command(_each)

commands: list[click.Command] = [check_command, explain_command, standards_group, procedures_group, *sealed_commands]
