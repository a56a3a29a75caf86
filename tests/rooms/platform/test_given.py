"""Numbers that an address or a form gives."""

from __future__ import annotations

import pytest

from tuopin.platform.given import whole_number, whole_numbers


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "1.0", " 1", "1_000", "²", "１２", "0x1", "9" * 18, "9" * 5_000, "1\n"]
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert whole_number(text, None) is None


def test_numbers_keep_their_order_and_the_rest_is_left_out() -> None:
    assert whole_number("0012", -1) == 12
    assert whole_number("9" * 17, -1) == 10**17 - 1
    assert whole_numbers(["3", "x", "1", "9" * 5_000]) == [3, 1]
