"""The cases beside a standard, as a page: given facts, the verdicts they must get, and whether they do."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.core.standards import as_published
from tuopin.platform.catalogue import catalogue
from tuopin.platform.panels import fact_text, unit_title
from tuopin.standards.packs import get_pack
from tuopin.standards.show import outcomes_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from tuopin.core.language.catalogue import Fact, Level
    from tuopin.core.standards import Kind, Outcome

ABSENT = Title("（表中无此列）", "(no such column)")
MOST_MEMBERS = 12  # of one case, written out; the others are counted


@dataclass(frozen=True, slots=True)
class Given:
    """A fact of a case. ``value`` None = blank."""

    title: Title
    value: Title | None
    unit: Title | None


@dataclass(frozen=True, slots=True)
class MemberGiven:
    """``count`` members alike."""

    count: int
    facts: tuple[Given, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """A verdict that a case must get, and what it got where that differs."""

    title: Title
    verdict: str
    found: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as the page prints it: what differs from the model subject, its members where they differ."""

    name: Title
    day: date
    file: str
    passed: bool
    given: tuple[Given, ...]
    members: tuple[MemberGiven, ...] | None
    due: tuple[Due, ...]


@dataclass(frozen=True, slots=True)
class CasesView:
    """``model`` is what most cases have in common; each case names only what differs from it."""

    model: tuple[Given, ...]
    model_members: tuple[MemberGiven, ...]
    below: Title | None
    cases: tuple[CaseView, ...]
    kind: Kind

    @property
    def failed(self) -> int:
        return sum(not case.passed for case in self.cases)


def cases_page(pack_key: str, standard_key: str) -> CasesView:
    """The cases of a standard. Raises Missing for an unknown one, Problem for a case that does not load."""
    pack = get_pack(pack_key)
    outcomes = [each for each in outcomes_of(pack_key) if each.case.standard == standard_key]
    standard = pack.standards[standard_key]
    published = as_published(catalogue(), *pack.with_used(standard_key))  # cases know what is still awaited
    below = published.below(standard.level)
    facts, of_members = published.facts(standard.level), published.facts(below.name) if below else {}
    titles = {"overall": Title("综合判定", "Overall"), **{item.key: item.title for item in standard.items}}
    model = {name: _commonest([each.case.subject.get(name, ABSENT) for each in outcomes]) for name in facts}
    members = _commonest([_members(each, below, of_members) for each in outcomes])

    def view(each: Outcome) -> CaseView:
        subject, own = each.case.subject, _members(each, below, of_members)
        wrong = {key: found for key, _expected, found in each.differences}
        return CaseView(
            each.case.name,
            each.case.day,
            each.case.file,
            each.passed,
            tuple(
                _given(fact, subject.get(name, ABSENT))
                for name, fact in facts.items()
                if subject.get(name, ABSENT) != model[name]
            ),
            None if own == members else own,
            tuple(
                Due(titles.get(key, Title(key, key)), due, wrong.get(key, ""))
                for key, due in _due(each, standard.kind).items()
            ),
        )

    return CasesView(
        tuple(_given(fact, model[name]) for name, fact in facts.items() if model[name] is not None),
        members if isinstance(members, tuple) else (),
        below.title if below else None,
        tuple(view(each) for each in outcomes),
        standard.kind,
    )


def _due(outcome: Outcome, kind: Kind) -> dict[str, str]:
    """The verdicts that a case names: what it must find, then all else it says."""
    only: dict[str, str] = dict.fromkeys(outcome.case.only or (), kind.points_at)
    return only | {key: verdict for key, verdict in outcome.case.expect.items() if key not in only}


def _commonest(values: list[object]) -> object:
    counted: Counter[object] = Counter(values)
    return counted.most_common(1)[0][0] if counted else None


def _given(fact: Fact, value: object) -> Given:
    text = value if isinstance(value, Title) else fact_text(fact, value)
    return Given(fact.title, text, unit_title(fact.unit))


def _members(outcome: Outcome, below: Level | None, facts: Mapping[str, Fact]) -> tuple[MemberGiven, ...]:
    """Subjects of the level below, those alike counted together; what hangs below them is left out."""
    listed = outcome.case.subject.get(below.name) if below is not None else None
    if not isinstance(listed, list):
        return ()
    counted: Counter[tuple[tuple[str, object], ...]] = Counter(
        tuple((name, each[name]) for name in facts if each.get(name) is not None) for each in listed
    )
    return tuple(
        MemberGiven(count, tuple(_given(facts[name], value) for name, value in pairs))
        for pairs, count in list(counted.items())[:MOST_MEMBERS]
    )
