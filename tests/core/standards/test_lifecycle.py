"""The state of a pack follows from acts alone: order, digests, persons, other packs with the same text."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from core.standards.registers import CATALOGUE, DAY, PACKS, pack
from tuopin.core.language.catalogue import Title
from tuopin.core.standards import as_published, prepare
from tuopin.core.standards.lifecycle import Act, Binding, State, derive
from tuopin.core.standards.open_items import OpenItem, open_items, rests_on

TODAY = datetime.date(2020, 6, 1)
NONE = Title("", "")
ITEMS = tuple(OpenItem(key, "condition", "s", NONE, NONE, "", "", f"text of {key}") for key in ("one", "two"))


class Log:
    """Acts in their order."""

    def __init__(self) -> None:
        self.acts: list[Act] = []

    def add(self, kind: Any, item: str = "", *, by: str = "a", text: str = "", of: str = "p", files: str = "f",
            **detail: object) -> Act:  # fmt: skip
        act = Act(len(self.acts) + 1, kind, of, files, item, text or f"text of {item}", by, detail)
        self.acts.append(act)
        return act

    def ready(self) -> Log:
        self.add("tested", failed=0, warnings=[])
        one, two = self.add("confirmed", "one"), self.add("set_aside", "two")
        self.add("approved", by="b", closings={"one": one.id, "two": two.id})
        return self

    def state(self, *bindings: Binding, files: str = "f", everywhere: bool = False) -> State:
        return derive("p", files, ITEMS, self.acts, bindings, TODAY, everywhere=everywhere)


def bound(first: int, last: int | None = None) -> Binding:
    return Binding(1, datetime.date(first, 1, 1), datetime.date(last, 1, 1) if last else None)


def test_each_stage_needs_those_before_it() -> None:
    log = Log()
    assert log.state(bound(2018)).stage == "draft"
    log.add("confirmed", "one")
    log.add("confirmed", "two")
    assert log.state().stage == "draft", "confirmed, but never tested"
    log.add("tested", failed=1, warnings=[])
    assert log.state().stage == "draft"
    log.add("tested", failed=0, warnings=[])
    assert log.state().stage == "confirmed"
    assert log.state().settled == frozenset()


@pytest.mark.parametrize(
    ("bindings", "stage"),
    [
        ((), "approved"),
        ((bound(2021),), "scheduled"),
        ((bound(2018),), "in_force"),
        ((bound(2018, 2020),), "superseded"),
        ((bound(2018, 2020), bound(2021)), "scheduled"),
        ((bound(2018, 2019), bound(2019)), "in_force"),
    ],
)
def test_where_an_approved_pack_holds(bindings: tuple[Binding, ...], stage: str) -> None:
    assert Log().ready().state(*bindings).stage == stage
    assert Log().ready().state(*bindings).settled == {"one", "two"}


def test_a_pack_that_holds_everywhere_is_in_force_once_approved() -> None:
    assert Log().ready().state(everywhere=True).stage == "in_force"


def test_other_files_are_a_draft_and_keep_what_was_confirmed() -> None:
    now = Log().ready().state(files="changed")
    assert (now.stage, now.still_open, now.approval) == ("draft", (), None)


def test_an_approval_holds_for_its_closings_alone() -> None:
    log = Log().ready()
    log.add("reopened", "one")
    assert log.state().stage == "tested"
    log.add("confirmed", "one")
    assert log.state().stage == "confirmed", "confirmed anew, not approved anew"


def test_a_confirmation_of_another_text_does_not_count() -> None:
    log = Log()
    log.add("confirmed", "one", text="what it said before")
    assert ITEMS[0] in log.state().still_open


def test_another_pack_with_the_same_text() -> None:
    log = Log()
    log.add("confirmed", "one", of="national")
    log.add("set_aside", "two", of="national")
    log.add("approved", by="b", of="national", closings={"one": 1, "two": 2})
    now = log.state()
    assert [item.key for item in now.still_open] == ["two"], "what one pack set aside, another did not"
    assert now.approval is None
    log.add("reopened", "one", of="national")
    assert [item.key for item in log.state().still_open] == ["one", "two"], "taken back where it was made"


def test_what_others_do_later_leaves_an_approval_alone() -> None:
    log = Log().ready()
    log.add("confirmed", "one", by="z", of="national")
    log.add("reopened", "one", by="z", of="national")
    assert log.state().stage == "approved"


def test_a_rule_that_never_varies_is_justified_by_its_text() -> None:
    log = Log()
    log.add("tested", failed=0, warnings=[["s.one", "always", "text"]])
    assert not log.state().passed
    log.add("justified", "probe:s.one", text="another text")
    assert not log.state().passed
    log.add("justified", "probe:s.one", by="c", text="text")
    assert log.state().passed
    assert log.state().closers == {"c"}


@pytest.mark.parametrize("name", sorted(PACKS))
def test_what_is_draft_of_a_shipped_pack_rests_on_its_open_items(name: str) -> None:
    found = pack(name)
    prepared = {}
    for key in found.standards:
        whole = as_published(CATALOGUE, *found.with_used(key))
        starts = {value.valid_from for limit in found.parameters.values() for value in limit.values} | {DAY}
        for day in sorted(starts, reverse=True):
            try:
                prepared[key] = prepare(found, key, whole, day)
            except ValueError:
                continue
            break
    keys = [item.key for item in open_items(found, prepared)]
    assert len(keys) == len(set(keys))
    for each in prepared.values():
        resting = rests_on(each)
        assert set(resting) == {draft.key for draft in each.draft}
        assert set(keys).issuperset(key for several in resting.values() for key in several)
