"""Cases beside the standards: a household (or village, county) and the verdicts it must get, in words a jurist reads.

A file ``cases/<name>.toml`` names its ``standard``, a ``[base]`` subject from which every case starts, and ``[[case]]``
tables with ``name``, ``on`` (the day), ``with`` (facts that differ from the base), ``blank`` (facts whose cell is
empty), ``absent`` (columns that the workbook does not have), members of the level below (``[[case.person]]``, which
replace the base's; ``repeat = 3`` for three alike), ``expect`` (verdicts, in the words of the standard's kind) and
``facts`` (shown facts as printed). Of rules of quality and of categories ``only`` lists exactly the items found. A fact
that nobody names is blank; facts that a room is still to publish count as published, so that the cases of a rule stand
before its data.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuopin.core.standards import toml
from tuopin.core.standards.expecting import as_published
from tuopin.core.standards.judging import Judge
from tuopin.core.standards.model import PackError
from tuopin.core.standards.programs import prepare

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tuopin.core.language.catalogue import Catalogue, Fact, Title
    from tuopin.core.standards.kinds import Kind
    from tuopin.core.standards.model import Pack, Standard
    from tuopin.core.standards.toml import Section

type Subject = dict[str, object]


@dataclass(frozen=True, slots=True)
class Case:
    """One case, its subject in the catalogue's encoding."""

    file: str
    name: Title
    standard: str
    day: datetime.date
    subject: Subject
    expect: Mapping[str, str]
    facts: Mapping[str, str | None]
    only: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case went: ``differences`` lists (key, expected, found); empty = passed."""

    case: Case
    differences: tuple[tuple[str, str, str], ...]

    @property
    def passed(self) -> bool:
        return not self.differences


def read_cases(folder: Path, pack: Pack, catalogue: Catalogue) -> list[Case]:
    """All cases in ``<folder>/cases/*.toml``. Errors: :class:`PackError` naming file and case."""
    found: list[Case] = []
    for path in sorted((folder / "cases").glob("*.toml")):
        found += _file(path, f"{pack.key}/cases/{path.name}", pack, catalogue)
    return found


def run_cases(pack: Pack, catalogue: Catalogue, cases: list[Case]) -> list[Outcome]:
    """Judge every case with the interpreter and compare."""
    judges: dict[tuple[str, datetime.date], Judge] = {}
    outcomes = []
    for case in cases:
        at = (case.standard, case.day)
        if at not in judges:
            whole = as_published(catalogue, *pack.with_used(case.standard))
            judges[at] = Judge(prepare(pack, case.standard, whole, case.day))
        outcomes.append(Outcome(case, _compare(case, judges[at])))
    return outcomes


def _compare(case: Case, judge: Judge) -> tuple[tuple[str, str, str], ...]:
    judgement = judge(case.subject)
    found: dict[str, str] = {"overall": judgement.overall, **judgement.items}
    shown = judge.shown(judgement)
    different = [(key, wanted, found[key]) for key, wanted in case.expect.items() if found[key] != wanted]
    different += [
        (key, str(wanted), str(shown.get(key)))
        for key, wanted in case.facts.items()
        if (shown.get(key) or "") != (wanted or "")
    ]
    if case.only is not None:
        points_at = judge.prepared.kind.points_at
        pointed = {key for key, verdict in judgement.items.items() if verdict == points_at}
        different += [(key, points_at, found[key]) for key in case.only if key not in pointed]
        different += [(key, "–", points_at) for key in sorted(pointed - set(case.only))]
    return tuple(different)


def _file(path: Path, shown: str, pack: Pack, catalogue: Catalogue) -> list[Case]:
    table, _ = toml.read(path, shown)
    section = toml.Section(table, shown, "")
    standard = pack.standard(section.text("standard"))
    base = section.take("base") or {}
    if not isinstance(base, dict):
        raise section.error("bad_value", "base 应为表", "base must be a table")
    builder = _Builder(as_published(catalogue, *pack.with_used(standard.key)), shown)
    keys = {"overall", *(item.key for item in standard.items)}
    levels = {level.name for level in catalogue.levels}
    cases = []
    for index, body in enumerate(section.tables("case")):
        case = toml.Section(body, shown, f"case[{index}]")
        name = case.title("name")
        case.where = f"case “{name.zh}”"
        day = case.date("on")
        if day is None:
            raise case.error("no_day", "缺 on（判定日）", "on (the day) is missing")
        only = _only(case, standard)
        expect = _expected(case, keys, standard.kind, complete=only is None)
        facts = _facts(case, standard.show)
        subject = builder.subject(standard.level, _merged(base, case, levels), case.where)
        cases.append(Case(shown, name, standard.key, day, subject, expect, facts, only))
    section.close()
    if not cases:
        raise section.error("no_cases", "没有 [[case]]", "has no [[case]]")
    return cases


def _only(case: Section, standard: Standard) -> tuple[str, ...] | None:
    if not case.has("only"):
        return None
    listed = case.names("only")
    known = {item.key for item in standard.items}
    if not standard.kind.true_points or not set(listed) <= known:
        raise case.error(
            "bad_only", "only 只用于质量规则和分类，列出其指标", "only lists items, of rules of quality or categories"
        )
    return listed


def _expected(case: Section, keys: set[str], kind: Kind, *, complete: bool) -> dict[str, str]:
    expected = toml.Section(case.take("expect") or {}, case.file, f"{case.where} expect").rest()
    if "overall" not in expected and kind.overall is not None and complete:
        raise case.error("no_overall", "expect 缺 overall", "expect lacks overall")
    if kind.overall is None:
        keys = keys - {"overall"}
    found: dict[str, str] = {}
    for key, word in expected.items():
        verdict = kind.verdict(str(word))
        if key not in keys or verdict is None:
            raise case.error(
                "bad_expect",
                f"expect.{key} = {word!r} 无此指标或结论",
                f"expect.{key} = {word!r}: no such item or verdict",
            )
        found[key] = verdict
    return found


def _facts(case: Section, show: tuple[str, ...]) -> dict[str, str | None]:
    facts = toml.Section(case.take("facts") or {}, case.file, f"{case.where} facts").rest()
    for key, value in facts.items():
        if key not in show or not isinstance(value, str):
            raise case.error(
                "bad_fact",
                f"facts.{key} 不在标准的 show 中，或不是文字",
                f"facts.{key} is not shown by the standard, or no text",
            )
    return {key: str(value) or None for key, value in facts.items()}


def _merged(base: dict[str, object], case: Section, levels: set[str]) -> dict[str, object]:
    """The base with the differences of the case; members named by the case replace all members of the base."""
    merged = dict(base)
    changed = case.take("with") or {}
    if not isinstance(changed, dict):
        raise case.error("bad_value", "with 应为表", "with must be a table")
    for name in case.names("blank"):
        if name not in base:
            raise case.error(
                "bad_blank", f"blank 的“{name}”不在 base 中", f"blank names {name!r}, which the base does not have"
            )
        del merged[name]
    changed = changed | case.rest()
    if levels & changed.keys():
        merged = {name: value for name, value in merged.items() if name not in levels}
    return merged | changed


class _Builder:
    """Makes nested subjects in the catalogue's encoding."""

    def __init__(self, catalogue: Catalogue, file: str) -> None:
        self._catalogue, self._file = catalogue, file

    def subject(self, level: str, table: Mapping[str, object], where: str) -> Subject:
        """A subject of ``level`` from a table of facts and lists of subjects below."""
        facts = self._catalogue.facts(level)
        rest = dict(table)
        absent = rest.pop("absent", [])
        subject: Subject = dict.fromkeys(facts)
        for name, fact in facts.items():
            if name in rest:
                subject[name] = self._value(fact, rest.pop(name), where)
        for block in self._catalogue.tables:  # a fact that is the day of its block gives the age of the evidence
            dates = [fact.name for fact in block.facts if block.level == level and fact.db_column == block.as_of]
            subject |= {f"{block.name}__as_of": subject[name] for name in dates if subject.get(name) is not None}
        for each in absent if isinstance(absent, list) else [absent]:
            name = str(each)
            if name not in subject:
                raise self._error(
                    f"absent 的“{name}”不是 {level} 的数据", f"absent names {name!r}, no fact of {level}", where
                )
            del subject[name]
        below = self._catalogue.below(level)
        if below is not None:
            subject[below.name] = self._members(below.name, rest, where)
        if rest:
            unknown = ", ".join(sorted(rest))
            raise self._error(f"{level} 没有这些数据：{unknown}", f"{level} has no such facts: {unknown}", where)
        return subject

    def _members(self, level: str, rest: dict[str, object], where: str) -> list[Subject]:
        """The subjects of ``level`` in ``rest``; a level that is left out holds everything deeper in one subject."""
        deeper = self._below(level)
        if level not in rest:
            inner = {name: rest.pop(name) for name in deeper if name in rest}
            return [self.subject(level, inner, where)] if inner else []
        listed = rest.pop(level)
        if not isinstance(listed, list):
            raise self._error(f"{level} 应写作 [[…{level}]]", f"{level} must be written [[…{level}]]", where)
        members: list[Subject] = []
        for index, body in enumerate(listed):
            each = dict(body)
            repeat = each.pop("repeat", 1)
            if not isinstance(repeat, int) or not 1 <= repeat <= 10_000:
                raise self._error("repeat 应为 1—10000 的整数", "repeat must be a whole number from 1 to 10000", where)
            members += [self.subject(level, each, f"{where} {level}[{index}]")] * repeat
        return members

    def _below(self, level: str) -> list[str]:
        found = []
        below = self._catalogue.below(level)
        while below is not None:
            found.append(below.name)
            below = self._catalogue.below(below.name)
        return found

    def _value(self, fact: Fact, raw: object, where: str) -> object:
        value: object = None
        match fact.type:
            case "boolean":
                value = raw if isinstance(raw, bool) else None
            case "money":
                value = toml.scaled(raw, 2)
            case "decimal":
                value = toml.scaled(raw, fact.scale)
            case "integer":
                value = toml.scaled(raw, 0)
            case "date":
                value = raw if isinstance(raw, datetime.date) else None
            case "code":
                value = raw if raw in {code for code, _ in fact.codes} else None
            case "text":
                value = raw if isinstance(raw, str) else None
        if value is None:
            raise self._error(
                f"{fact.name} = {raw!r} 不是 {fact.type}", f"{fact.name} = {raw!r} is no {fact.type}", where
            )
        return value

    def _error(self, zh: str, en: str, where: str) -> PackError:
        return PackError("bad_case", self._file, f"[{where}] {zh}", f"[{where}] {en}")
