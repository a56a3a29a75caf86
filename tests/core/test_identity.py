"""ID numbers: one fault per number, in a fixed order; masks show too little rather than too much."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuopin.core import identity

SOUND = "41142319771206894X"


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (SOUND, None),
        ("11010519491231002X", None),
        ("440524188001010014", None),
        ("4.11423E+17", "id_precision_lost"),
        ("4.11423E17", "id_precision_lost"),
        ("4E+17", "id_precision_lost"),
        ("4.11423193907032E+17", "id_precision_lost"),
        ("", "id_length"),
        ("41142319771206894", "id_length"),
        ("41142319771206894X1", "id_length"),
        ("130503670401001", "id_length"),
        ("411423197712068940", "id_check_digit"),
        ("41142319771206894A", "id_check_digit"),
        ("4114231977120689X4", "id_check_digit"),
        ("４１１４２３１９７７１２０６８９４X", "id_check_digit"),  # not normalised: the digits are no ASCII digits
        ("411423193907032000", "id_check_digit"),  # as text only: nothing says that a spreadsheet rounded it
    ],
)
def test_each_number_has_at_most_one_fault(number: str, expected: str | None) -> None:
    assert identity.fault(number) == expected


@pytest.mark.parametrize(
    "written",
    [
        "41142319771206894x",
        " 41142319771206894X ",
        "４１１４２３１９７７１２０６８９４Ｘ",
        "411423 19771206 894X",
        "\ufeff41142319771206894X\u200b",
        "41142319771206894\xa0X",
    ],
)
def test_normalisation_finds_the_same_number(written: str) -> None:
    assert identity.normal_id(written) == SOUND


def test_what_a_sound_number_says() -> None:
    assert identity.birth_date(SOUND) == date(1977, 12, 6)
    assert identity.sex(SOUND) == "female"
    assert identity.sex("440524188001010014") == "male"


def test_a_day_that_does_not_exist_is_no_birth_date() -> None:
    digits = "41142319990230001"
    number = digits + identity.check_character(digits)
    assert identity.fault(number) is None
    assert identity.birth_date(number) is None


@pytest.mark.parametrize("digits", ["", "1234", "4114231977120689X", "٤١١٤٢٣١٩٧٧١٢٠٦٨٩٤"])
def test_check_character_needs_seventeen_digits(digits: str) -> None:
    with pytest.raises(ValueError, match="17 digits"):
        identity.check_character(digits)


@given(st.text("0123456789", min_size=17, max_size=17), st.integers(0, 16), st.integers(1, 9))
def test_every_single_wrong_digit_is_found(digits: str, place: int, change: int) -> None:
    number = digits + identity.check_character(digits)
    assert identity.fault(number) is None
    wrong = number[:place] + str((int(number[place]) + change) % 10) + number[place + 1 :]
    assert identity.fault(wrong) == "id_check_digit"


@given(st.text())
def test_no_text_breaks_normalisation_or_masks(text: str) -> None:
    assert len(identity.mask_id(text)) == len(text)
    identity.normal_name(text)
    identity.fault(identity.normal_id(text))


def test_masks() -> None:
    assert identity.mask_id(SOUND) == "4114************4X"
    assert identity.mask_id("123456789") == "*********"
    assert identity.mask_name("欧阳娜娜") == "欧***"
    assert identity.mask_name("") == ""
    assert identity.mask_phone("13943530827") == "139******27"
    assert identity.mask_phone("12345") == "*****"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (" 沈娟 ", "沈娟"),
        ("沈　娟", "沈娟"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽．买买提", "阿依古丽·买买提"),
        ("John  Smith", "John Smith"),
        ("张\u200b三\n", "张三"),
        ("", ""),
    ],
)
def test_names_compare_alike(written: str, expected: str) -> None:
    assert identity.normal_name(written) == expected
