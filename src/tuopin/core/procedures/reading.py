"""Reading a definition: every step, way and clock is checked, so that what loads can be walked to its end."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

from tuopin.core.procedures.model import (
    COMPLETED,
    HELPER,
    START,
    STOPPED,
    Doubts,
    Evidence,
    Maximum,
    Outcome,
    Procedure,
    Step,
    Wait,
)
from tuopin.core.standards.model import CONFIDENCES, PackError
from tuopin.core.standards.toml import Section

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tuopin.core.procedures.model import Unit
    from tuopin.core.standards.model import Confidence

LEVELS = ("household", "village", "township", "county")
AXES = {"household": ("registration", "monitoring", "support"), "area": ("designation",)}
VERDICTS = frozenset({"met", "not_met", "unknown", "not_applicable"})
LONGEST = 400
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


def read_procedure(text: str, shown: str, key: str = "") -> Procedure:
    """A definition from the text of its file (``shown`` in messages, ``key`` the file's name).

    Raises PackError: a missing source, a way to a step that does not come later, a step that nothing leads to, a clock
    between steps that there are not, a name used twice.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PackError("bad_toml", shown, f"不是有效的 TOML：{error}", f"is not valid TOML: {error}") from error
    section = Section(table, shown, "")
    name = _key(section, section.text("key"))
    if key and name != key:
        raise section.error("wrong_file", f"key 是“{name}”，文件名不同", f"key is {name!r}, the file has another name")
    level = _one_of(section, "level", section.text("level"), LEVELS)
    status = Section(section.take("status"), shown, "status")
    axis = _one_of(status, "axis", status.text("axis"), AXES["household" if level == "household" else "area"])
    verdicts = section.names("verdicts")
    for verdict in verdicts:
        _one_of(section, "verdicts", verdict, sorted(VERDICTS))
    procedure = Procedure(
        key=name,
        title=section.title(),
        level=level,
        standard=section.text("standard"),
        verdicts=verdicts,
        axis=axis,
        from_=status.names("from"),
        to=status.text("to", ""),
        proposed=section.title("proposed"),
        steps=tuple(_step(each, shown) for each in section.tables("step")),
        maxima=tuple(_maximum(each, shown) for each in section.tables("maximum")),
        source=section.text("source"),
        confidence=_confidence(section),
        doubts=_doubts(section.take("doubts"), shown),
    )
    status.close()
    section.close()
    _check(section, procedure)
    return procedure


def _key(section: Section, key: str) -> str:
    if not _KEY.fullmatch(key):
        raise section.error("bad_key", f"“{key}”不是合格的名字", f"{key!r} is not a good name (a-z, 0-9, _)")
    return key


def _one_of(section: Section, key: str, value: str, known: Iterable[str]) -> str:
    listed = list(known)
    if value not in listed:
        raise section.error(
            f"bad_{key}", f"{key} 应为 {'、'.join(listed)} 之一，而不是“{value}”",
            f"{key} must be one of {', '.join(listed)}, not {value!r}",
        )  # fmt: skip
    return value


def _confidence(section: Section) -> Confidence:
    value = section.text("confidence")
    found = next((known for known in CONFIDENCES if known == value), None)
    if found is None:
        _one_of(section, "confidence", value, CONFIDENCES)
        raise AssertionError
    return found


def _whole(section: Section, key: str, low: int = 1) -> int:
    value = section.take(key)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= LONGEST:
        raise section.error(
            "bad_number", f"{key} 应为 {low}—{LONGEST} 的整数", f"{key} must be a whole number from {low} to {LONGEST}"
        )
    return value


def _length(section: Section) -> tuple[int, Unit]:
    """``days`` or ``working_days``, one of the two."""
    if section.has("days") == section.has("working_days"):
        raise section.error(
            "bad_length", "应写 days 或 working_days 之一", "one of days and working_days must be given"
        )
    return (_whole(section, "days"), "days") if section.has("days") else (_whole(section, "working_days"),
                                                                         "working_days")  # fmt: skip


def _step(body: object, shown: str) -> Step:
    section = Section(body, shown, "step")
    key = _key(section, section.text("key"))
    section.where = f"step {key}"
    step = Step(
        key=key,
        stage=_whole(section, "stage"),
        title=section.title(),
        who=section.title("who"),
        roles=section.names("roles"),
        outcomes=tuple(_outcome(each, shown, key) for each in section.tables("outcome")),
        evidence=tuple(_evidence(each, shown, key) for each in section.tables("evidence")),
        waits=tuple(_wait(each, shown, key) for each in section.tables("wait")),
        not_by=section.names("not_by"),
        notice=section.flag("notice"),
        source=section.text("source"),
        confidence=_confidence(section),
    )
    section.close()
    if not step.outcomes:
        raise section.error("no_outcome", "没有结果 [[step.outcome]]", "has no [[step.outcome]]")
    if not step.roles:
        raise section.error("no_roles", "没有写哪些角色可以登记（roles）", "says in no roles who may record it")
    return step


def _outcome(body: object, shown: str, step: str) -> Outcome:
    section = Section(body, shown, f"step {step}.outcome")
    found = Outcome(_key(section, section.text("key")), section.title(), section.text("next"), section.text("sets", ""))
    section.close()
    return found


def _evidence(body: object, shown: str, step: str) -> Evidence:
    section = Section(body, shown, f"step {step}.evidence")
    found = Evidence(_key(section, section.text("key")), section.title(), section.flag("required"))
    section.close()
    return found


def _wait(body: object, shown: str, step: str) -> Wait:
    section = Section(body, shown, f"step {step}.wait")
    length, unit = _length(section)
    found = Wait(section.text("from"), length, unit, section.text("source"), _confidence(section))
    section.close()
    return found


def _doubts(body: object, shown: str) -> Doubts | None:
    if body is None:
        return None
    section = Section(body, shown, "doubts")
    facts = Section(section.take("as_if"), shown, "doubts.as_if").rest()
    found = Doubts(
        section.text("standard"), section.names("items"),
        {name: value for name, value in facts.items() if isinstance(value, bool | str)},
    )  # fmt: skip
    section.close()
    if not found.items or len(found.as_if) < len(facts):
        raise section.error(
            "bad_doubts", "应写 items，as_if 的值应为 true、false 或文字",
            "must name items, and as_if holds true, false or texts",
        )  # fmt: skip
    return found


def _maximum(body: object, shown: str) -> Maximum:
    section = Section(body, shown, "maximum")
    length, unit = _length(section)
    found = Maximum(
        _key(section, section.text("key")), section.title(), section.text("from"), section.text("to"), length, unit,
        section.text("source"), _confidence(section),
    )  # fmt: skip
    section.close()
    return found


def _check(section: Section, procedure: Procedure) -> None:
    keys = [step.key for step in procedure.steps]
    if not keys:
        raise section.error("no_steps", "没有步骤 [[step]]", "has no [[step]]")
    for listed in (keys, [each.key for each in procedure.maxima]):
        double = next((key for key in listed if listed.count(key) > 1), None)
        if double is not None:
            raise section.error("duplicate_key", f"“{double}”用了两次", f"{double!r} is used twice")
    if {COMPLETED, STOPPED, START, HELPER} & set(keys):
        raise section.error("reserved_key", "步骤用了保留的名字", "a step has a reserved name")
    for at, step in enumerate(procedure.steps):
        _check_step(section, keys, at, step)
    order = [START, *keys]
    for maximum in procedure.maxima:
        if (
            maximum.from_ not in order
            or maximum.to not in order
            or (order.index(maximum.from_) >= order.index(maximum.to))
        ):
            raise section.error(
                "bad_maximum", f"{maximum.key}：from、to 应为先后两步", f"{maximum.key}: from must come before to"
            )
    _check_ways(section, procedure, keys)


def _check_step(section: Section, keys: list[str], at: int, step: Step) -> None:
    later, earlier = {*keys[at + 1 :], COMPLETED, STOPPED}, {START, *keys[:at]}
    outcomes = [each.key for each in step.outcomes]
    if len(set(outcomes)) < len(outcomes) or len({each.key for each in step.evidence}) < len(step.evidence):
        raise section.error("duplicate_key", f"{step.key}：名字用了两次", f"{step.key}: a name is used twice")
    for outcome in step.outcomes:
        if outcome.next not in later:
            raise section.error(
                "bad_next", f"{step.key}：next“{outcome.next}”不是后面的步骤",
                f"{step.key}: next {outcome.next!r} is no later step",
            )  # fmt: skip
    for wait in step.waits:
        if wait.from_ not in earlier:
            raise section.error(
                "bad_wait", f"{step.key}：wait 的“{wait.from_}”不是前面的步骤",
                f"{step.key}: a wait from {wait.from_!r}, which is no earlier step",
            )  # fmt: skip
    for barred in step.not_by:
        if barred != HELPER and barred not in earlier - {START}:
            raise section.error(
                "bad_not_by", f"{step.key}：not_by“{barred}”不是前面的步骤",
                f"{step.key}: not_by {barred!r} is no earlier step",
            )  # fmt: skip


def _check_ways(section: Section, procedure: Procedure, keys: list[str]) -> None:
    led_to = {keys[0], *(outcome.next for step in procedure.steps for outcome in step.outcomes)}
    if COMPLETED not in led_to:
        raise section.error("no_end", "没有一条路走到完成", "no way leads to its completion")
    for step in procedure.steps:
        if step.notice and not any(wait.from_ == step.key for each in procedure.steps for wait in each.waits):
            raise section.error(
                "short_notice",
                f"{step.key} 是公示，却没有写不少于几天",
                f"{step.key} is a notice, but nothing waits for it",
            )
    for key in keys:
        if key not in led_to:
            raise section.error("unreachable", f"没有一步走到“{key}”", f"nothing leads to {key!r}")
    if not procedure.to:
        for step in procedure.steps:
            for outcome in step.outcomes:
                if outcome.next == COMPLETED and not any(
                    each.sets for other in procedure.steps for each in other.outcomes
                ):
                    raise section.error("no_status", "没有写完成后的状态", "says no status for its completion")
