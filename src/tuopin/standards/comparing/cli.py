"""``tuopin standards compare``: two sides over an area, at once, without a job; nothing is stored."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import click

from tuopin.platform.access import local_admin
from tuopin.platform.cli import json_option, output, progress
from tuopin.platform.words import terminal_languages

if TYPE_CHECKING:
    from datetime import datetime

    from tuopin.platform.access import Actor
    from tuopin.standards.comparing.files import Comparison

DAY = click.DateTime(formats=["%Y-%m-%d"])
SIGNS = {"m": "✓", "n": "✗", "u": "?", "a": "–", "x": "·"}


@click.command("compare")
@click.argument("standard")
@click.option("--on", type=DAY, required=True, help="甲的判定日。 The day of A.")
@click.option("--pack", help="甲的标准包（默认：区划指定的）。 The pack of A; by default the one bound to the area.")
@click.option("--area", help="区划代码（默认：全部）。 An area's code; the whole register by default.")
@click.option("--to-standard", help="乙的标准（默认同甲）。 The standard of B, by default that of A.")
@click.option("--to-on", type=DAY, help="乙的判定日（默认同甲）。 The day of B.")
@click.option("--to-pack", help="乙的标准包（默认同甲）。 The pack of B.")
@click.option("--set", "changes", multiple=True, metavar="NAME=VALUE",
              help="乙改动的参数，如 poverty_line=3200。 A parameter that B changes.")  # fmt: skip
@click.option("--set-a", "changes_a", multiple=True, metavar="NAME=VALUE", help="甲改动的参数。 One that A changes.")
@click.option("--run", type=click.IntRange(1), help="甲用已存的第几号核查。 A stored evaluation as side A.")
@click.option("--to-run", type=click.IntRange(1), help="乙用已存的第几号核查。 A stored evaluation as side B.")
@click.option("--seal", type=click.IntRange(1), help="甲按第几号封存的资料。 Side A by what was known in a seal.")
@click.option("--to-seal", type=click.IntRange(1), help="乙按第几号封存的资料。 Side B by what was known in a seal.")
@click.option("--names", is_flag=True, help="列出判定有变的户（村、县）编号。 List the codes of those that change.")
@json_option
def compare_command(
    standard: str, on: datetime, pack: str | None, area: str | None, to_standard: str | None, to_on: datetime | None,
    to_pack: str | None, changes: tuple[str, ...], changes_a: tuple[str, ...],
    run: int | None, to_run: int | None, seal: int | None, to_seal: int | None, names: bool, as_json: bool,
) -> None:  # fmt: skip
    """比较两种判定（试算，不写入判定）：谁会变、多少、缺多少钱。 Compare two judgements: a what-if, nothing stored."""
    from tuopin.platform.auditing import audit
    from tuopin.platform.database import write
    from tuopin.standards.comparing import files, services
    from tuopin.standards.comparing.sides import Side, settings, stored_side
    from tuopin.standards.permissions import COMPARE
    from tuopin.standards.places import bound_pack, place_of

    actor = local_admin()
    key = pack or bound_pack(place_of(area, on.date()), on.date())
    a = Side(key, standard, on.date(), settings("\n".join(changes_a)))
    b = Side(to_pack or key, to_standard or standard, (to_on or on).date(), settings("\n".join(changes)))
    a, b = replace(a, seal=seal or 0), replace(b, seal=to_seal or 0)
    if run:
        a = stored_side(run)
    if to_run:
        b = stored_side(to_run)
    asked = services.Asked(area, a, b)
    path = files.temporary()
    try:
        with progress("比较 compare") as bar:
            document = services.compare(actor, asked, path, lambda _what, rows: bar(rows))
        with files.Comparison(path) as found:
            document |= {"matrix": _matrix(found), "subjects": None}
            if names:
                with write():
                    audit.record(
                        actor, COMPARE, f"area:{document['place']['area_id'] or 'all'}", services.audited(asked)
                    )
                document["subjects"] = _named(actor, found)
    finally:
        path.unlink(missing_ok=True)
    output(document, as_json, None if as_json else _text(document))


def _matrix(found: Comparison) -> dict[str, dict[str, int]]:
    """item → ``m>n`` → number, over everything that was compared."""
    return {
        item: {f"{was}>{becomes}": number for (was, becomes), number in sorted(pairs.items())}
        for item, pairs in found.whole().items()
    }


def _named(actor: Actor, found: Comparison) -> dict[str, list[str]]:
    """Code → letters of A and B, of those that change; the reading is noted."""
    from tuopin.platform.auditing import readlog
    from tuopin.standards.comparing.selectors import codes

    letters = dict(found.everybody())
    named = codes(found.document, list(letters))
    readlog.read(actor, "standards.compared", {"of": found.document["asked"]["b"]["standard"]}, len(named))
    return {code: list(letters[number]) for number, code in sorted(named.items(), key=lambda pair: pair[1])}


def _text(document: dict[str, Any]) -> str:
    def said(zh: str, en: str) -> str:
        languages = terminal_languages()
        return f"{zh} {en}" if len(languages) > 1 else en if languages == ("en",) else zh

    def title(each: dict[str, str]) -> str:
        return said(each["zh"], each["en"])

    lines = [
        said("试算，不是核查结果", "a what-if, not an evaluation"),
        f"{said('甲', 'A')}  {title(document['titles']['a'])}",
        f"{said('乙', 'B')}  {title(document['titles']['b'])}",
        "",
    ]
    for item, pairs in document["matrix"].items():
        name = said("综合判定", "overall") if item == "overall" else title(document["item_titles"][item])
        moved = {pair: number for pair, number in pairs.items() if pair[0] != pair[2]}
        shown = "  ".join(f"{SIGNS[pair[0]]}→{SIGNS[pair[2]]} {number:,}" for pair, number in moved.items())
        lines.append(f"{shown or '='}  {name} [{item}]")
    for side, name in (("a", said("甲", "A")), ("b", said("乙", "B"))):
        own = document["income"][side]
        if own:
            share = "—".join(f"{100 * float(Fraction(end)):.2f}%" for end in own["headcount"] or [])
            missing = "—".join(f"{float(Fraction(end)):,.2f}" for end in own["missing"])
            poor = (
                f"{own['poor_households']:,} {said('户', 'households')} {own['poor_persons']:,} {said('人', 'persons')}"
            )
            lines += ["", f"{name}  {said('标准线', 'line')} {own['line']}  {poor} ({share})"]
            unknown = f"{said('收入未知', 'income unknown')} {own['unknown_households']:,} {said('户', 'households')}"
            lines.append(f"    {said('收入缺口', 'missing income')} {missing} {said('元', 'yuan')}, {unknown}")
    if document["subjects"]:
        lines += ["", *(f"{code}  {was} → {becomes}" for code, (was, becomes) in document["subjects"].items())]
    return "\n".join(lines)
