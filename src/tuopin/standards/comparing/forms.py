"""What the forms of comparing send: sides by name, days and changed values as text."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.core.standards.kinds import CONDITIONS
from tuopin.platform.access import may
from tuopin.platform.given import whole_number
from tuopin.platform.models import Seal
from tuopin.platform.panels import decimal_text, unit_title
from tuopin.platform.problems import Problem
from tuopin.register.areas import ids as area_ids
from tuopin.standards.comparing.sides import Side, prepared, settings, stored
from tuopin.standards.comparing.what_if import side_for
from tuopin.standards.models import Evaluation
from tuopin.standards.packs import folders, get_pack, problems
from tuopin.standards.permissions import RECOMPUTE
from tuopin.standards.places import LEVELS
from tuopin.standards.results import may_view

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

MOST_STORED = 60
"""Stored evaluations that the form offers."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A standard that may be chosen: ``pack/standard``."""

    value: str
    title: Title
    level: str


@dataclass(frozen=True, slots=True)
class SideForm:
    """The fields of one side as they stand on the page."""

    key: str
    name: Title
    chosen: str
    day: str
    parameters: str
    seal: int = 0


def seals(actor: Actor, area: AreaVersion) -> list[tuple[int, Title]]:
    """The seals of this installation, the newest first, for who may judge from them in the area."""
    if not may(actor, RECOMPUTE, area_path=area.path):
        return []
    rows = Seal.objects.order_by("-number").values_list("number", "sealed_at")[:MOST_STORED]
    days = [(number, timezone.localdate(at)) for number, at in rows]
    return [(number, Title(f"第 {number} 号（{day}）", f"{number} ({day})")) for number, day in days]


def choices(area: AreaVersion) -> list[Choice]:
    """Standards of every pack that judge something inside the area, those of households first."""
    reach = LEVELS[: LEVELS.index(area.level) + 1] if area.level in LEVELS else LEVELS[:1]
    found = []
    for key in sorted(folders()):
        try:
            pack = get_pack(key)
        except Problem:  # a city's own pack that does not load: its page says why
            continue
        for each in pack.standards.values():
            if each.level in reach and each.kind is CONDITIONS:
                title = Title(f"{each.title.zh}（{pack.title.zh}）", f"{each.title.en} ({pack.title.en})")
                found.append(Choice(f"{key}/{each.key}", title, each.level))
    return sorted(found, key=lambda each: LEVELS.index(each.level))


def evaluations(actor: Actor, area: AreaVersion) -> list[Choice]:
    """Stored evaluations of conditions that cover the area, the newest first, of those that the reader may see."""
    covering = Evaluation.objects.filter(Q(area=None) | Q(area_id__in=area_ids(area.path)), kind=CONDITIONS.key)
    found = []
    for run in covering.defer("tally").order_by("-pk")[:MOST_STORED]:
        if may_view(actor, area, run.level):
            title = named({"pack": run.pack, "standard": run.standard})
            said = f"{run.day} · {run.pk}"
            found.append(Choice(f"run:{run.pk}", Title(f"{title.zh} · {said} 号", f"{title.en} · {said}"), run.level))
    return found


def named(side: Mapping[str, Any]) -> Title:
    """The title of a side's standard as it stands in a job; its key where the pack is gone."""
    try:
        with problems():
            return get_pack(side["pack"]).standard(side["standard"]).title
    except Problem:
        return Title(side["standard"], side["standard"])


def blank(area: AreaVersion) -> tuple[SideForm, SideForm]:
    """Both sides as the page proposes them: the area's own standard with its line, twice."""
    try:
        side = side_for(area)
        chosen, day = f"{side.pack}/{side.standard}", side.day.isoformat()
    except Problem:
        chosen, day = "", ""
    return _form("a", chosen, day, ""), _form("b", chosen, day, "")


def given(data: Mapping[str, str]) -> tuple[SideForm, SideForm]:
    """Both sides as they were sent."""
    a, b = (
        replace(
            _form(key, data.get(f"{key}_standard", "")[:120], data.get(f"{key}_day", "")[:20], _text(data, key)),
            seal=whole_number(data.get(f"{key}_seal", "") or "0", -1),
        )
        for key in ("a", "b")
    )
    return a, b


def _text(data: Mapping[str, str], key: str) -> str:
    return data.get(f"{key}_parameters", "").replace("\0", "")[:2000]


def _form(key: str, chosen: str, day: str, parameters: str) -> SideForm:
    name = Title("甲：现在", "A: as it is") if key == "a" else Title("乙：试算", "B: what if")
    return SideForm(key, name, chosen, day, parameters)


def side(form: SideForm) -> Side:
    """A side from its fields. Raises Problem; whether a stored evaluation may be seen, the service asks."""
    if form.chosen.startswith("run:"):
        run = Evaluation.objects.filter(pk=whole_number(form.chosen.removeprefix("run:"), 0)).defer("tally").first()
        if run is None:
            raise Problem("no_such_evaluation", "没有这次核查。", "There is no such evaluation.")
        return replace(stored(run), parameters=settings(form.parameters), seal=form.seal)
    pack, _, standard = form.chosen.partition("/")
    if not pack or not standard:
        raise Problem("no_standard", "请选择标准。", "Choose a standard.")
    return Side(pack, standard, read_day(form.day), settings(form.parameters), seal=form.seal)


def read_day(text: str) -> datetime.date:
    """A day as a form sends it. Raises Problem."""
    try:
        return datetime.date.fromisoformat(text.strip())
    except ValueError:
        raise Problem("bad_date", "日期请写成 2018-12-01 的样子。", "Write the date like 2018-12-01.") from None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that may be changed: its name in a form, its title, and the value in force on the day."""

    name: str
    title: Title
    value: str
    unit: Title | None


def parameters(form: SideForm) -> list[Parameter]:
    """What may be changed in the standard of a side; empty where the side cannot be judged as it stands."""
    try:
        found = prepared(side(replace(form, parameters="")))
    except Problem:
        return []
    rows = []
    for name, value in found.values.items():
        known = found.pack.parameters[name]
        text = decimal_text(value.value, known.scale) if value is not None else ""
        rows.append(Parameter(name, known.title, text, unit_title(known.unit)))
    return rows
