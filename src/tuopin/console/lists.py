"""The list behind a number: rows with what a clerk looks for first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tuopin.console.selectors import run_of
from tuopin.core.language.catalogue import Title
from tuopin.platform.auditing import readlog
from tuopin.platform.panels import decimal_text, unit_title
from tuopin.platform.problems import Missing
from tuopin.register import record
from tuopin.register.codes import code_title
from tuopin.register.models import AreaVersion
from tuopin.register.selectors import on_day
from tuopin.standards import results

if TYPE_CHECKING:
    from datetime import date

    from tuopin.console.selectors import ItemName, Run
    from tuopin.platform.access import Actor
    from tuopin.standards.models import Evaluation
    from tuopin.standards.results import Page, Row

VERDICT_NAMES = (
    ("", Title("全部", "any")),
    ("met", Title("达标", "met")),
    ("not_met", Title("未达标", "not met")),
    ("unknown", Title("未知", "unknown")),
    ("not_applicable", Title("不适用", "not applicable")),
)


@dataclass(frozen=True, slots=True)
class Amount:
    """A shown fact of the evaluation, as the head of a column."""

    name: str
    title: Title
    unit: Title | None


@dataclass(frozen=True, slots=True)
class ListRow:
    """A row of a list. ``items`` and ``amounts`` follow the columns, each with the column's name."""

    code: str
    name: str
    place: str
    status: Title | None
    overall: str
    items: tuple[tuple[ItemName, str], ...]
    amounts: tuple[tuple[Amount, str], ...]


def list_page(
    actor: Actor,
    area: AreaVersion,
    standard: str,
    *,
    run: int | None,
    item: str,
    verdict: str,
    after: str,
    before: str,
) -> dict[str, Any]:
    """What the template of a list needs; the reading is noted. Raises Missing outside the grants."""
    chosen = results.evaluation(actor, _run_number(area, standard) if run is None else run, area, standard)
    page = results.subjects(actor, chosen, area, item, verdict, after=after, before=before)
    named = run_of(chosen)
    readlog.read(
        actor,
        f"standards.{chosen.level}s",
        {
            "area": area.code,
            "standard": standard,
            "run": chosen.pk,
            "item": item,
            "verdict": verdict,
            "from": page.first,
        },
        len(page.rows),
    )
    amounts = _amounts(named)
    return {
        "area": area,
        "run": named,
        "items": named.items,
        "item": next(each for each in named.items if each.key == item),
        "verdict": verdict,
        "verdict_names": VERDICT_NAMES,
        "page": page,
        "last": page.first + len(page.rows) - 1,
        "rows": _rows(named, page, amounts),
        "amounts": amounts,
    }


def run_of_list(actor: Actor, area: AreaVersion, standard: str, number: int | None) -> Evaluation:
    """The evaluation that a list is of: by its number, else the newest. Raises Missing outside the grants."""
    return results.evaluation(actor, _run_number(area, standard) if number is None else number, area, standard)


def _run_number(area: AreaVersion, standard: str) -> int:
    found = [each.pk for each in results.newest(area) if each.standard == standard]
    if not found:
        raise Missing("no_such_evaluation", "没有这次核查。", "There is no such evaluation.")
    return found[0]


def _amounts(run: Run) -> tuple[Amount, ...]:
    if run.prepared is None:
        return ()
    return tuple(Amount(shown.name, shown.title, unit_title(shown.unit)) for shown in run.prepared.shown)


def _rows(run: Run, page: Page, amounts: tuple[Amount, ...]) -> list[ListRow]:
    day = run.evaluation.day
    ids = [row.subject_id for row in page.rows]
    is_household = run.evaluation.level == "household"
    heads = record.head_names(ids, day) if is_household else {}
    status = record.registrations(ids, day) if is_household else {}
    names, above = _names([row.area_id for row in page.rows], day)
    return [
        ListRow(
            code=row.code,
            name=heads.get(row.subject_id, "") if is_household else names.get(row.area_id, ""),
            place=_place(row, names, above, is_household=is_household),
            status=code_title("registration", status[row.subject_id]) if row.subject_id in status else None,
            overall=row.verdicts[results.OVERALL],
            items=tuple((each, row.verdicts[each.key]) for each in run.items[1:]),
            amounts=tuple((amount, _text(row.shown.get(amount.name, ""))) for amount in amounts),
        )
        for row in page.rows
    ]


def _names(area_ids: list[int], day: date) -> tuple[dict[int, str], dict[int, str]]:
    """Names of the areas of a page, and of the areas above them."""
    found = AreaVersion.objects.filter(on_day(day), area_id__in=set(area_ids))
    rows = list(found.values_list("area_id", "name", "parent_id"))
    parents = AreaVersion.objects.filter(on_day(day), area_id__in={parent for _id, _name, parent in rows})
    above = dict(parents.values_list("area_id", "name"))
    return {key: name for key, name, _parent in rows}, {key: above.get(parent or 0, "") for key, _name, parent in rows}


def _place(row: Row, names: dict[int, str], above: dict[int, str], *, is_household: bool) -> str:
    upper = above.get(row.area_id, "")
    return f"{upper} {names.get(row.area_id, '')}".strip() if is_household else upper


def _text(number: str) -> str:
    """A stored decimal text with its thousands apart; intervals and blanks as they are."""
    whole, dot, rest = number.partition(".")
    if not whole.lstrip("-").isdigit():
        return number
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{decimal_text(abs(int(whole)), 0)}{dot}{rest}"
