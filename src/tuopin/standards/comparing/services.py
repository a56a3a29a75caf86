"""Comparing two sides over an area: begun as a job or made at once; nothing becomes an evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tuopin.platform import downloads, jobs
from tuopin.platform.access import require, visible_paths
from tuopin.platform.auditing import audit
from tuopin.platform.database import data_state, data_version, write
from tuopin.platform.models import Job, User
from tuopin.platform.problems import Problem, Refused
from tuopin.register import selectors as register
from tuopin.standards.comparing import distribution, files
from tuopin.standards.comparing.disclosure import Disclosure
from tuopin.standards.comparing.sides import Side, line_of, line_value, prepared, stored, words
from tuopin.standards.lifecycle.states import drafts_of, drafts_today
from tuopin.standards.permissions import COMPARE, RECOMPUTE, VIEW
from tuopin.standards.places import place_of
from tuopin.standards.results import evaluation, may_view
from tuopin.standards.sealed.opening import own

if TYPE_CHECKING:
    from pathlib import Path

    from tuopin.core.poverty import AlkireFoster, World
    from tuopin.core.standards import Prepared
    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion
    from tuopin.standards.comparing.judging import Income, Judged, Progress

JOB = "standards.compare"
LINE_JOB = "standards.prepare_line"
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """A comparison of two sides over an area (None = the whole register)."""

    area: str | None
    a: Side
    b: Side

    def document(self) -> dict[str, Any]:
        return {"area": self.area, "a": self.a.document(), "b": self.b.document()}


def begin(actor: Actor, asked: Asked) -> Job:
    """Start a comparison as a job; of two clicks one begins it, the other finds it begun.

    Raises Missing for an area outside the grants, Refused without the permission there, Problem for a side that cannot
    be judged or two that cannot be compared.
    """
    area = register.area(actor, asked.area or "")
    _may(actor, area.path)
    for side in (asked.a, asked.b):
        _stored(actor, area, side)
    sides = prepared(asked.a), prepared(asked.b)
    _comparable(asked, *sides)
    _not_too_fine(actor, area, asked, sides)
    with write():
        payload = asked.document() | {"basis": downloads.basis(actor, COMPARE, VIEW)}
        found, is_new = _once(actor, JOB, payload)
        if is_new:
            audit.record(actor, COMPARE, f"area:{area.area_id}", audited(asked) | {"job": found.pk})
    return found


def _stored(actor: Actor, area: AreaVersion, side: Side) -> None:
    """Raises Missing for a stored evaluation that does not cover the area, or that the actor may not see; Problem for
    one that is said to be of something else."""
    if side.seal:
        require(actor, RECOMPUTE, area_path=area.path)
        own(side.seal)
    if side.run and side.seal:
        raise Problem("run_or_seal", "已存核查与封存只能选一个。", "Choose a stored evaluation or a seal, not both.")
    if side.run and stored(evaluation(actor, side.run, area, side.standard)) != side:
        raise Problem(
            "other_evaluation", "已存核查的标准包、日期与所填不符，且不能改参数。",
            "The stored evaluation is of another pack or day, and takes no parameters.",
        )  # fmt: skip


def begin_line(actor: Actor, code: str, side: Side) -> Job:
    """Start preparing the incomes of an area for lines that are moved. Raises as :func:`begin`; Problem for a standard
    that asks no income to be above a line."""
    area = register.area(actor, code)
    _may(actor, area.path)
    if side.parameters or side.run or side.seal:
        raise Problem("no_settings_here", "此处不改参数，只移动标准线。", "Move the line itself; no other values here.")
    if line_of(prepared(side)) is None:
        raise no_line()
    with write():
        found, _is_new = _once(actor, LINE_JOB, {"area": area.code, "side": side.document()})
    return found


def no_line() -> Problem:
    """The standard has no line to move."""
    return Problem(
        "no_line",
        "这个标准没有“收入高于标准线”的指标，不能移动标准线。",
        "This standard has no item that asks an income to be above a line.",
    )


def _may(actor: Actor, path: str) -> None:
    require(actor, COMPARE, area_path=path)
    require(actor, VIEW, area_path=path)


def _not_too_fine(actor: Actor, area: AreaVersion, asked: Asked, sides: tuple[Prepared, Prepared]) -> None:
    """Who sees figures alone moves a line in whole hundreds here too."""
    shown = Disclosure(may_view(actor, area, sides[0].standard.level))
    for side, found in zip((asked.a, asked.b), sides, strict=True):
        line = line_of(found)
        if line is not None and line.parameter in dict(side.parameters):
            shown.line(line_value(found, line))


def _once(actor: Actor, kind: str, payload: dict[str, Any]) -> tuple[Job, bool]:
    # In PostgreSQL the second click waits here for the first; in SQLite there is one writer anyway.
    list(User.objects.select_for_update(no_key=True).filter(pk=actor.user_id or 0).values_list("pk"))
    going = jobs.own(actor).filter(kind=kind, state__in=Job.UNFINISHED, user_id=actor.user_id)[:100]
    found = next((job for job in going if job.payload == payload), None)
    return (found, False) if found is not None else (jobs.enqueue(actor, kind, payload), True)


def _comparable(asked: Asked, a: Prepared, b: Prepared) -> None:
    if a.standard.level != b.standard.level:
        raise Problem(
            "levels_differ",
            "两个标准判定的不是同一级（户、村、县），不能比较。",
            "The two standards judge different levels (household, village, county) and cannot be compared.",
        )
    if asked.a == asked.b:
        raise Problem("same_sides", "甲、乙两边相同，没有可比较的。", "Both sides are the same: nothing to compare.")


def audited(asked: Asked) -> dict[str, object]:
    """Both sides in one line each, for the audit log."""
    return {"a": _line(asked.a), "b": _line(asked.b)}


def _line(side: Side) -> str:
    changes = "".join(f" {name}={value}" for name, value in side.parameters) + (
        f" seal {side.seal}" if side.seal else ""
    )
    return f"{side.pack}/{side.standard} {side.day.isoformat()}{changes}{f' run {side.run}' if side.run else ''}"


# -- the work -----------------------------------------------------------------------------------------------------


def compare(actor: Actor, asked: Asked, path: Path, progress: Progress | None = None) -> dict[str, Any]:
    """Judge both sides and write the comparison to ``path``; returns its document.

    Raises as :func:`begin`, and Problem where the data keep changing meanwhile.
    """
    sides = prepared(asked.a), prepared(asked.b)
    _comparable(asked, *sides)
    place = place_of(asked.area, asked.b.day)
    if place.path:
        _may(actor, place.path)
    elif visible_paths(actor, COMPARE) is not None or visible_paths(actor, VIEW) is not None:
        raise Refused("whole_register_refused", "您的授权不覆盖全部区划，请指定区划。",
                      "Your grants do not cover the whole register: name an area.")  # fmt: skip
    files.purge()
    for _ in range(_ATTEMPTS):
        version = data_version()
        found = _judged(asked, sides, path, version, progress)
        if found is not None:
            return found
    raise changing()


def changing() -> Problem:
    """The data do not stand still."""
    return Problem(
        "data_changing",
        "比较期间登记数据一直在变动，请在导入结束后重试。",
        "The register kept changing meanwhile. Try again after the import.",
    )


def _judged(
    asked: Asked, sides: tuple[Prepared, Prepared], path: Path, version: int, progress: Progress | None
) -> dict[str, Any] | None:
    from tuopin.standards.comparing.judging import Judged  # pyarrow and the set engine only where they work

    with Judged(asked.area, (asked.a, sides[0]), (asked.b, sides[1]), progress) as judged:
        judged.judge()
        if data_version() != version:
            return None
        document = _document(asked, judged, version)
        document["changed"] = files.write(path, document, judged.matrices(), judged.changed())
    return document


def _document(asked: Asked, judged: Judged, version: int) -> dict[str, Any]:
    return {
        "what": "what-if",
        "asked": asked.document(),
        "level": judged.level,
        "place": {"area_id": judged.place_b.area_id, "path": judged.place_b.path},
        "items": list(judged.items),
        "titles": {
            key: {"zh": title.zh, "en": title.en}
            for key, title in (("a", words(judged.side_a, judged.a)), ("b", words(judged.side_b, judged.b)))
        },
        "item_titles": {
            item.key: {"zh": item.item.short.zh, "en": item.item.short.en}
            for item in (*judged.b.items, *judged.a.items)
        },
        "draft": {
            which: [
                {"zh": each.title.zh, "en": each.title.en}
                for each in (drafts_of(judged.stored[side.run], found) if side.run else drafts_today(found))
            ]
            for which, side, found in (("a", judged.side_a, judged.a), ("b", judged.side_b, judged.b))
        },
        "data_version": version,
        "made_at": timezone.now().isoformat(),
        "income": {side: _income(judged.incomes(side)) for side in ("a", "b")},
        "several": {side: _several(judged.several(side)) for side in ("a", "b")},
    }


def _income(found: Income | None) -> dict[str, Any] | None:
    """Fractions as text, so that a file says exactly what was computed."""
    if found is None:
        return None
    own, sums = found.measures, found.measures.sums
    bounds = {"headcount": own.headcount, "gap": own.gap, "severity": own.severity, "missing": own.missing}
    return {
        "line": str(found.value), "poor_when": found.line.poor_when, "parameter": found.line.parameter,
        "households": sums.households, "persons": sums.persons, "unknown_households": sums.unknown_households,
        "unknown_persons": sums.unknown_persons, "uncounted": sums.uncounted, "without": sums.without,
        "negative": sums.negative, "poor_households": own.poor_households, "poor_persons": own.poor_persons,
        **{name: [str(each.low), str(each.high)] if each else None for name, each in bounds.items()},
        "watts": own.watts, "gini": str(found.gini) if found.gini is not None else None,
    }  # fmt: skip


def _several(found: AlkireFoster | None) -> dict[str, Any] | None:
    if found is None or found.least is None or found.most is None:
        return None
    tally = found.tally
    return {
        "households": tally.households, "persons": tally.persons, "doubtful": tally.doubtful,
        "uncounted": tally.uncounted, "poor_households": list(tally.poor_households),
        "least": _world(found.least), "most": _world(found.most),
        "groups": {
            str(path): {
                "least": _world(each.least) if each.least else None, "most": _world(each.most) if each.most else None,
                "households": each.tally.households, "poor_households": list(each.tally.poor_households),
                "share": [str(share) if share is not None else None for share in each.share],
            }
            for path, each in found.groups.items()
        },
    }  # fmt: skip


def _world(found: World) -> dict[str, Any]:
    return {
        "headcount": str(found.headcount), "intensity": str(found.intensity) if found.intensity is not None else None,
        "adjusted": str(found.adjusted), "lacking": {key: str(value) for key, value in found.lacking.items()},
        "contribution": {key: str(value) for key, value in found.contribution.items()},
    }  # fmt: skip


def prepare_line(actor: Actor, code: str | None, side: Side, progress: Progress | None = None) -> distribution.Header:
    """Judge the side and keep the incomes of its households for lines that are moved. Raises as :func:`begin_line`."""
    place = place_of(code, side.day)
    if place.path:
        _may(actor, place.path)
    elif visible_paths(actor, COMPARE) is not None:
        raise Refused("whole_register_refused", "请指定区划。", "Name an area.")
    found = prepared(side)
    line = line_of(found)
    if line is None:
        raise no_line()
    files.purge()
    for _ in range(_ATTEMPTS):
        made = distribution.build(place, side, found, line, data_state(), progress)
        if made is not None:
            return made
    raise changing()
