"""Department lists: who is matched, and what a person decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from county import household, id_number, person
from rooms.register.matching.steps import condition, fates, hand_in, number, people, register, rows
from tuopin.platform.access import local_admin
from tuopin.register.matching import services, writing
from tuopin.register.models import (
    MatchPair,
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)


def test_numbers_match_whatever_their_writing(tmp_path: Path) -> None:
    people(tmp_path)
    one, two = number("990101"), number("990102")
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in one)
    run = hand_in(
        rows(
            tmp_path,
            {"身份证号": wide, "姓名": "张三丰"},
            {"身份证号": f"{two[:6]} {two[6:14]} {two[14:]}".lower(), "姓名": "王小二"},
            {"身份证号": id_number("19990101", 5), "姓名": "外人"},
        )
    )
    assert fates(run) == {"matched": 2, "repeated": 0, "decide": 0, "not_found": 1}
    assert run.counts["rows"] == 3
    assert run.columns == {"id_number": "身份证号", "name": "姓名"}


def test_an_old_number_of_fifteen_digits_is_the_same_person(tmp_path: Path) -> None:
    register(tmp_path, household("9901", person("990101", 出生日期="1970-01-01")))
    full = number("990101")
    run = hand_in(rows(tmp_path, {"身份证号": full[:6] + full[8:17], "姓名": "张三"}))
    assert fates(run)["matched"] == 1
    assert run.counts["upgraded"] == 1


def test_a_number_held_twice_is_for_a_person_to_decide(tmp_path: Path) -> None:
    same = id_number("19700101", 7)
    register(
        tmp_path,
        household("9901", person("990101", 姓名="张三", 证件号码=same)),
        household("9902", person("990201", 姓名="张三", 证件号码=same)),
    )
    run = hand_in(rows(tmp_path, {"身份证号": same, "姓名": "张三"}))
    assert fates(run) == {"matched": 0, "repeated": 0, "decide": 1, "not_found": 0}
    assert [pair.reasons[0] for pair in MatchPair.objects.filter(run=run)] == ["number_twice"] * 2


@pytest.mark.parametrize("slip", ["one_wrong", "transposed", "one_missing", "one_extra"])
def test_a_slip_of_the_hand_is_proposed_and_not_taken(tmp_path: Path, slip: str) -> None:
    people(tmp_path)
    sound = number("990101")
    at = next(at for at in range(6, 17) if sound[at] != sound[at + 1])
    wrong = {
        "one_wrong": sound[:8] + str((int(sound[8]) + 1) % 10) + sound[9:],
        "transposed": sound[:at] + sound[at + 1] + sound[at] + sound[at + 2 :],
        "one_missing": sound[:9] + sound[10:],
        "one_extra": sound[:9] + "5" + sound[9:],
    }[slip]
    if "X" in wrong[:-1]:
        wrong = sound[:7] + sound[8] + sound[7] + sound[9:]
    run = hand_in(rows(tmp_path, {"身份证号": wrong, "姓名": "张三丰"}))
    pair = MatchPair.objects.get(run=run)
    assert pair.reasons[0] == f"number_{slip}"
    assert pair.person.code == "990101"
    assert fates(run)["matched"] == 0


def test_the_registers_own_wrong_number_is_found_from_the_lists_right_one(tmp_path: Path) -> None:
    sound = id_number("19700101", 9)
    wrong = sound[:10] + str((int(sound[10]) + 3) % 10) + sound[11:]
    register(tmp_path, household("9901", person("990101", 姓名="张三", 证件号码=wrong)))
    run = hand_in(rows(tmp_path, {"身份证号": sound, "姓名": "张三"}))
    pair = MatchPair.objects.get(run=run)
    assert pair.reasons[:2] == ["number_one_wrong", "name_equal"]


def test_without_a_number_name_birth_and_village_propose(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(
        rows(
            tmp_path,
            {"身份证号": "", "姓名": "李四", "出生日期": "1965-05-06", "地址": "示范县东乡乙村3组"},
            {"身份证号": "", "姓名": "李四", "出生日期": "", "地址": "示范县东乡乙村"},
            {"身份证号": "", "姓名": "李四", "出生日期": "1999-01-01", "地址": "示范县东乡乙村"},
            {"身份证号": "", "姓名": "无名氏", "出生日期": "1965-05-07", "地址": "别处"},
        )
    )
    pairs = {pair.row: pair for pair in MatchPair.objects.filter(run=run)}
    assert sorted(pairs) == [1, 2]
    assert pairs[1].reasons == ["name_equal", "birth_equal", "area_village"]
    assert pairs[2].reasons == ["name_equal", "birth_unknown", "area_village"]
    assert pairs[1].points > pairs[2].points
    assert fates(run) == {"matched": 0, "repeated": 0, "decide": 2, "not_found": 2}


def test_two_sound_numbers_that_differ_are_two_people(tmp_path: Path) -> None:
    """Same name, same birth date, same village, another number: a namesake, not proposed at all."""
    people(tmp_path)
    other = id_number("19700101", 555)
    run = hand_in(rows(tmp_path, {"身份证号": other, "姓名": "张三丰", "地址": "东乡甲村"}))
    assert fates(run)["not_found"] == 1
    assert not MatchPair.objects.filter(run=run).exists()


def test_persons_outside_the_lists_area_are_not_looked_for(tmp_path: Path) -> None:
    people(tmp_path)
    listed = rows(
        tmp_path, {"身份证号": number("990301"), "姓名": "赵六"}, {"身份证号": number("990101"), "姓名": "张三丰"}
    )
    run = hand_in(listed, area="990101101000")
    assert fates(run) == {"matched": 1, "repeated": 0, "decide": 0, "not_found": 1}


def test_two_people_deciding_one_pair(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(rows(tmp_path, {"身份证号": "", "姓名": "李四", "出生日期": "1965-05-06", "地址": "东乡乙村"}))
    pair = MatchPair.objects.get(run=run)
    services.decide(local_admin(), pair.pk, "later")
    services.decide(local_admin(), pair.pk, "yes")
    with pytest.raises(services.Conflict) as conflict:
        services.decide(local_admin(), pair.pk, "no")
    assert conflict.value.code == "decided_meanwhile"
    pair.refresh_from_db()
    assert pair.state == "yes"


def test_yes_to_one_is_no_to_the_others_and_one_person_is_one_row(tmp_path: Path) -> None:
    same = id_number("19700101", 7)
    register(
        tmp_path,
        household("9901", person("990101", 姓名="张三", 证件号码=same)),
        household("9902", person("990201", 姓名="张三", 证件号码=same)),
    )
    run = hand_in(
        rows(
            tmp_path,
            {"身份证号": same, "姓名": "张三"},
            {"身份证号": "", "姓名": "张三", "出生日期": "1970-01-01", "地址": "东乡甲村"},
        )
    )
    first = MatchPair.objects.get(run=run, row=1, person__code="990101")
    services.decide(local_admin(), first.pk, "yes")
    assert set(MatchPair.objects.filter(run=run, row=1).values_list("state", flat=True)) == {"yes", "no"}
    second = MatchPair.objects.get(run=run, row=2, person__code="990101")
    with pytest.raises(services.Conflict) as conflict:
        services.decide(local_admin(), second.pk, "yes")
    assert conflict.value.code == "person_taken"


def test_only_decided_pairs_are_written(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(rows(tmp_path, {"身份证号": "", "姓名": "赵六", "出生日期": "1980-07-08", "地址": "西乡丙村"}))
    assert writing.write(local_admin(), run.pk).facts == 0
    services.decide(local_admin(), MatchPair.objects.get(run=run).pk, "yes")
    assert writing.write(local_admin(), run.pk).facts == 1
    assert condition("990301").resident_insurance is True
