"""``tuopin procedures list, show, begin, step, withdraw``: the services of the pages at the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tuopin.platform.access import local_admin
from tuopin.platform.cli import json_option, output, say
from tuopin.platform.words import terminal_languages

if TYPE_CHECKING:
    from datetime import datetime

    from tuopin.core.language.catalogue import Title
    from tuopin.standards.procedures.selectors import View

DAY = click.DateTime(formats=["%Y-%m-%d"])
SIGNS = {"done": "✓", "due": "→", "ahead": "·", "passed": "–"}
_MOST = 500


@click.group("procedures")
def procedures_group() -> None:
    """退出、监测程序：查看、开始、登记步骤、撤回。 Procedures: list, show, begin, record a step, withdraw."""


@procedures_group.command("list")
@click.option("--area", help="区划代码（默认：全部）。 An area's code; the whole register by default.")
@click.option("--state", type=click.Choice(["running", "completed", "stopped", "withdrawn"]), default="running",
              show_default=True, help="状态。 The state.")  # fmt: skip
@click.option("--late", is_flag=True, help="只列超期的。 Only those that are late.")
@json_option
def list_command(area: str | None, state: str, late: bool, as_json: bool) -> None:
    """列出程序和现在应办的步骤（最多 500 个）。 List procedures with the step that is due (at most 500)."""
    from django.utils import timezone

    from tuopin.platform.auditing import readlog
    from tuopin.register import selectors as register
    from tuopin.standards.permissions import VIEW_PROCEDURE
    from tuopin.standards.procedures import definitions, subjects

    actor = local_admin()
    rows = subjects.rows(actor, VIEW_PROCEDURE, register.area(actor, area) if area else None).filter(state=state)
    if late:
        rows = rows.filter(due__lt=timezone.localdate())
    found = list(rows.select_related("definition").defer("frozen").order_by("-pk")[:_MOST])
    codes: dict[tuple[str, int], str] = {}
    for level in {row.level for row in found}:
        ids = [row.subject_id for row in found if row.level == level]
        there = subjects.find(actor, VIEW_PROCEDURE, level, ids)
        codes |= {(level, key): each.code for key, each in there.items()}
    readlog.read(actor, "standards.procedures", {"area": area or "", "state": state, "via": "cli"}, len(found))
    document: list[dict[str, Any]] = []
    for row in found:
        definition = definitions.read(row.definition)
        due = definition.step(row.step)
        document.append(
            {
                "id": row.pk, "procedure": row.key, "title": _both(definition.title), "level": row.level,
                "subject": codes.get((row.level, row.subject_id), ""), "state": row.state, "acts": row.acts,
                "due_step": row.step or None, "due_title": _both(due.title) if due else None,
                "earliest": row.earliest.isoformat() if row.earliest else None,
                "latest": row.due.isoformat() if row.due else None,
            }
        )  # fmt: skip
    lines = [
        f"{each['id']:>6}  {each['subject']}  {_said(each['title'])}"
        f"  {_said(each['due_title']) if each['due_title'] else each['state']}"
        f"  {each['earliest'] or '—'} … {each['latest'] or '—'}"
        for each in document
    ]
    output({"procedures": document}, as_json, "\n".join(lines) or _pick("没有", "none"))


@procedures_group.command("show")
@click.argument("number", type=click.IntRange(1, 2**53))
@json_option
def show_command(number: int, as_json: bool) -> None:
    """显示一个程序：步骤、期限、冻结的判定。 Show one: steps, limits, the frozen verdict."""
    from tuopin.platform.auditing import readlog
    from tuopin.standards.procedures import selectors

    actor = local_admin()
    view = selectors.view(actor, number)
    row = view.row
    what = f"household:{row.subject_id}" if row.level == "household" else "standards.procedures"
    readlog.read(actor, what, {"procedure": number, "via": "cli"}, 1)
    output(_document(view), as_json, _text(view))


def _document(view: View) -> dict[str, Any]:
    row = view.row
    return {
        "id": row.pk, "procedure": row.key, "title": _both(view.definition.title), "subject": view.subject.code,
        "state": row.state, "started": row.started.isoformat(), "acts": row.acts, "verdict": row.overall,
        "frozen_digest": row.frozen_digest, "frozen_whole": view.whole,
        "earliest": view.earliest.day.isoformat() if view.earliest else None,
        "latest": view.latest.day.isoformat() if view.latest else None,
        "doubts": row.frozen.get("doubts", []),
        "steps": [
            {
                "key": each.step.key, "title": _both(each.step.title), "state": each.state,
                "outcomes": [one.key for one in each.step.outcomes],
                "papers": [paper.key for paper in each.step.evidence if paper.required],
                "outcome": each.act.outcome if each.act else None,
                "day": each.act.day.isoformat() if each.act else None, "by": each.act.by if each.act else None,
            }
            for each in view.steps
        ],
    }  # fmt: skip


def _text(view: View) -> str:
    row = view.row
    first = f"{row.pk}  {view.subject.code}  {_said(_both(view.definition.title))}  {_said(_both(view.state))}"
    lines = [f"{first}  {row.started}  [{row.acts}]"]
    lines += [f"  ! {_said(each['title'])}" for each in row.frozen.get("doubts", [])]
    for each in view.steps:
        done = f"  {each.act.outcome} {each.act.day} {each.act.by}" if each.act else ""
        ways = f"  ({', '.join(one.key for one in each.step.outcomes)})" if each.state == "due" else ""
        lines.append(f"  {SIGNS[each.state]} {each.step.key}  {_said(_both(each.step.title))}{done}{ways}")
    return "\n".join(lines)


@procedures_group.command("begin")
@click.argument("procedure")
@click.argument("subjects", nargs=-1, required=True)
@click.option("--area", required=True, help="按哪个区划的标准包。 The area whose packs' definitions are used.")
@click.option("--on", type=DAY, required=True, help="开始日（按这一天判定）。 The day, on which they are judged.")
@json_option
def begin_command(procedure: str, subjects: tuple[str, ...], area: str, on: datetime, as_json: bool) -> None:
    """对这些户（村、县）编号开始一个程序，判定冻结。 Begin a procedure on subjects (codes); all of them or none."""
    from tuopin.register import selectors as register
    from tuopin.standards.places import Place
    from tuopin.standards.procedures import definitions, services
    from tuopin.standards.procedures import subjects as people

    actor = local_admin()
    version = register.area(actor, area)
    place = Place(version.area_id, version.path)
    level = definitions.definition(place, on.date(), procedure).procedure.level
    ids = people.ids_of(level, list(dict.fromkeys(subjects)))
    rows = services.begin(actor, place, procedure, ids, on.date())
    numbers = [row.pk for row in rows]
    text = _pick("已开始", "begun") + ": " + ", ".join(map(str, numbers))
    output({"procedures": numbers}, as_json, text)


@procedures_group.command("step")
@click.argument("step")
@click.argument("outcome")
@click.argument("numbers", nargs=-1, required=True, type=click.IntRange(1, 2**53))
@click.option("--on", type=DAY, required=True, help="办理日期。 The day it was done.")
@click.option("--by", "by", required=True, help="办理人。 Who did it.")
@click.option("--paper", "papers", multiple=True, metavar="KEY=WHERE", help="材料的文号或存放处。 Where a paper is.")
@click.option("--note", default="", help="备注。 A note.")
def step_command(
    step: str, outcome: str, numbers: tuple[int, ...], on: datetime, by: str, papers: tuple[str, ...], note: str
) -> None:
    """在这些程序上登记一步及其结果。 Record one step with its outcome on procedures; all of them or none."""
    from tuopin.standards.procedures import services
    from tuopin.standards.procedures.weighing import Doing

    pairs = [each.partition("=") for each in papers]
    if any(not where for _key, _sign, where in pairs):
        raise click.UsageError("--paper KEY=WHERE")
    actor = local_admin()
    doing = Doing(step, outcome, on.date(), by, note, {key: where for key, _sign, where in pairs})
    done = services.act(actor, services.seen_now(actor, numbers), doing)
    say(f"已登记 {len(set(numbers))} 个，其中 {done} 个办结。", f"{len(set(numbers))} recorded, {done} complete.")


@procedures_group.command("withdraw")
@click.argument("numbers", nargs=-1, required=True, type=click.IntRange(1, 2**53))
@click.option("--on", type=DAY, required=True, help="撤回日期。 The day.")
@click.option("--reason", required=True, help="理由。 The reason.")
def withdraw_command(numbers: tuple[int, ...], on: datetime, reason: str) -> None:
    """撤回办理中的程序，登记状态不变。 Withdraw running procedures; no status changes."""
    from tuopin.standards.procedures import services

    actor = local_admin()
    count = services.withdraw(actor, services.seen_now(actor, numbers), reason, on.date())
    say(f"已撤回 {count} 个。", f"{count} withdrawn.")


def _both(title: Title) -> dict[str, str]:
    return {"zh": title.zh, "en": title.en}


def _said(title: dict[str, str]) -> str:
    return _pick(title["zh"], title["en"])


def _pick(zh: str, en: str) -> str:
    languages = terminal_languages()
    return f"{zh} {en}" if len(languages) > 1 else en if languages == ("en",) else zh
