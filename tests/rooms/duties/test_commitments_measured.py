"""Whether commitments were honoured: figures of the register and of evaluations, nodes, words."""

from __future__ import annotations

import pytest

from rooms.duties.commitments_city import Promises, evaluated, outcome
from rooms.duties.headquarters_city import DAY, TODAY
from tuopin.core.language.catalogue import Title
from tuopin.duties.commitments import measuring
from tuopin.duties.commitments.measures import OPEN_ITEMS, PACK, STANDARD, amount, measures
from tuopin.duties.commitments.measuring import Found
from tuopin.duties.commitments.models import CommitmentState, CommitmentTarget
from tuopin.duties.commitments.services import Target
from tuopin.platform.access import SENSITIVE
from tuopin.register.models import Import
from tuopin.standards.packs import get_prepared

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> Promises:
    return Promises()


def test_the_register_on_the_day_promised_decides(city: Promises) -> None:
    city.statuses("registered", "returned", "exit_proposed", "exited", "exited", "exited")
    row = city.signed()
    assert outcome(row, TODAY) == "ahead"
    assert outcome(row, DAY(2018, 9, 30)) == "ahead", "the day is not over"
    assert outcome(row, DAY(2018, 10, 1)) == "broken", "three households, two promised"
    found = CommitmentState.objects.get(pk=row.pk).targets["1"]
    assert found == {"state": "not_met", "low": 300, "high": 300, "day": "2018-09-30"}
    kept = city.signed(targets=(Target("figure", DAY(2018, 9, 30), "unexited", value=300),))
    assert outcome(kept, DAY(2018, 10, 1)) == "honoured"


def test_what_no_import_describes_yet_is_unknown(city: Promises) -> None:
    city.statuses("registered")
    Import.objects.update(as_of=DAY(2018, 9, 29))
    row = city.signed()
    assert outcome(row, DAY(2018, 10, 1)) == "unknown", "of the day before the one promised"


def test_one_missed_breaks_it_and_words_are_nobody_s_figure(city: Promises) -> None:
    city.statuses(*["exited"] * 6)
    words = Target("words", DAY(2018, 9, 30), words="群众满意")
    zero = Target("figure", DAY(2018, 9, 30), "unexited", value=0)
    met = Target("figure", DAY(2018, 9, 30), "met_share", at_most=False, value=9000)
    late = DAY(2018, 10, 1)
    assert outcome(city.signed(targets=(words,)), late) == "unknown"
    assert outcome(city.signed(targets=(zero, words)), late) == "unknown", "until somebody has judged the words"
    assert outcome(city.signed(targets=(zero,)), late) == "honoured"
    assert outcome(city.signed(targets=(zero, met)), late) == "unknown", "nothing was evaluated"
    seven = Target("figure", DAY(2018, 9, 30), "exited", at_most=False, value=700)
    assert outcome(city.signed(targets=(seven, met)), late) == "broken", "one missed, one unknown"
    assert outcome(city.made(targets=(seven,)), late) == "unsigned", "nobody has promised it yet"


def test_the_first_evaluation_from_the_day_on_decides(city: Promises) -> None:
    target = Target("figure", DAY(2018, 9, 30), "met_share", at_most=False, value=9000)
    row = city.signed(targets=(target,))
    late = DAY(2018, 12, 1)
    evaluated(city, DAY(2018, 9, 29), 100, 0, 0, 0)
    assert outcome(row, late) == "unknown", "the day before is no measure of the day"
    evaluated(city, DAY(2018, 11, 1), 100, 0, 0, 0)
    evaluated(city, DAY(2018, 10, 5), 85, 10, 5, 0)
    assert outcome(row, late) == "unknown", "85 to 90 of a hundred: it may just be"
    found = CommitmentState.objects.get(pk=row.pk).targets["1"]
    assert (found["low"], found["high"], found["day"]) == (8500, 9000, "2018-10-05")
    evaluated(city, DAY(2018, 10, 5), 85, 11, 4, 0)
    assert outcome(row, late) == "broken", "of one day the newest"


def test_shares_are_never_rounded_over_a_limit() -> None:
    assert measuring._percent(2, 3) == (6666, 6667)
    target = CommitmentTarget(kind="figure", at_most=False, value=6667, day=DAY(2018, 1, 1))
    assert measuring.judged(target, 6666, 6667, DAY(2018, 1, 1), TODAY) == Found("unknown", 6666, 6667, "2018-01-01")


def test_a_node_is_reached_when_nothing_is_left(city: Promises) -> None:
    node = Target("node", DAY(2018, 9, 30), "node:household_exit", words="全部脱贫")
    row = city.signed(targets=(node,))
    evaluated(city, DAY(2018, 10, 1), 10, 0, 1, 0)
    assert outcome(row, DAY(2018, 10, 2)) == "unknown"
    evaluated(city, DAY(2018, 10, 1), 11, 0, 0, 0)
    assert outcome(row, DAY(2018, 10, 2)) == "honoured"


def test_items_of_closed_classes_are_no_figures() -> None:
    prepared = get_prepared(PACK, STANDARD, TODAY)
    closed = {
        (table.level, fact.name) for table in prepared.catalogue.tables for fact in table.facts
        if fact.field_class in SENSITIVE
    }  # fmt: skip
    telling = {
        each.key
        for each in prepared.items
        if closed & (each.test.facts | (each.applies.facts if each.applies else set()))
    }
    assert not OPEN_ITEMS & telling
    assert all(f"item_{key}" in measures() for key in OPEN_ITEMS)
    assert not any(key.removeprefix("item_") in telling for key in measures())


def test_amounts_in_words() -> None:
    assert [amount(each) for each in (0, 100, 123_456, 250)] == ["0", "1", "1,234.56", "2.50"]
    title = Title("到 2018-09-30，贫困发生率不超过 2 %", "by 2018-09-30: poverty incidence at most 2 %")
    from tuopin.duties.commitments.measures import words_of

    target = CommitmentTarget(kind="figure", measure="incidence", at_most=True, value=200, day=DAY(2018, 9, 30))
    assert words_of(target) == title
