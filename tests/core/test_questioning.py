"""Questions drawn by a seed: the same again, from whatever order, and nothing that is not known."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tuopin.core.questioning import Question, draw, is_right

KNOWN = {f"h{at}": {"members": str(at), "income": str(1000 + at), "cause": "family"} for at in range(30)}


def test_the_same_seed_draws_the_same_whatever_the_order() -> None:
    there = draw(7, KNOWN, 5, 2)
    back = {key: dict(reversed(KNOWN[key].items())) for key in reversed(KNOWN)}
    assert there == draw(7, back, 5, 2)
    assert len({each.subject for each in there}) == 5
    assert len(there) == 10
    assert there != draw(8, KNOWN, 5, 2)


def test_a_draw_is_the_same_on_every_machine() -> None:
    assert [each.subject for each in draw(2018, KNOWN, 3, 1)] == ["h11", "h17", "h19"]


@given(st.integers(0, 2**31), st.dictionaries(st.text(min_size=1), st.dictionaries(st.sampled_from("abc"), st.text())))
def test_only_what_is_known_is_asked(seed: int, known: dict[str, dict[str, str]]) -> None:
    found = draw(seed, known, 4, 2)
    assert all(known[each.subject][each.kind] == each.answer for each in found)
    assert len(found) == len({(each.subject, each.kind) for each in found})


def test_answers() -> None:
    assert is_right(Question("h", "cause", "family"), " family ")
    assert not is_right(Question("h", "cause", "family"), "")
    income = Question("h", "income", "4000", near=10)
    assert [is_right(income, text) for text in ("4400", "3600", "4401", "3599", "", "-4000", "４０００", "9" * 40)] == [
        True, True, False, False, False, False, False, False,
    ]  # fmt: skip
