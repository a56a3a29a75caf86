"""Unified social credit codes."""

from __future__ import annotations

import pytest

from tuopin.core.credit import check_character, is_sound


def test_a_published_example_is_sound_and_every_slip_of_one_character_is_not() -> None:
    code = "91350100M000100Y43"  # the example of the standard
    assert is_sound(code)
    for at in range(18):
        slip = code[:at] + ("0" if code[at] != "0" else "1") + code[at + 1 :]
        assert not is_sound(slip)


@pytest.mark.parametrize(
    "code", ["", "91350100M000100Y4", "91350100M000100Y433", "91350100I000100Y43", "９1350100M000100Y43"]
)
def test_what_is_no_code(code: str) -> None:
    assert not is_sound(code)


def test_the_check_character_is_one_of_the_alphabet() -> None:
    assert check_character("91350100M000100Y4") == "3"
