"""Department lists: who is matched, what a person decides, what is written, and that the list goes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from county import areas, household, households, id_number, person, take, write
from tuopin.platform.access import actor_for, local_admin, system
from tuopin.platform.models import AuditEntry
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.matching import selectors, services, store, writing
from tuopin.register.matching.kinds import list_kinds
from tuopin.register.models import (
    AreaVersion,
    CorrectedValue,
    DataIssue,
    HouseholdLiving,
    MatchPair,
    MatchRun,
    PersonCondition,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tuopin.platform.access import Actor

pytestmark = pytest.mark.django_db(transaction=True)

DAY = date(2018, 12, 15)
INSURED = "是否参加城乡居民基本医疗保险"


def register(folder: Path, *groups: list[dict[str, str]]) -> None:
    take(areas(folder), households(folder, *groups))


def people(folder: Path) -> None:
    """Three households in three villages of two townships."""
    wife = person("990102", 姓名="王小二", 与户主关系="配偶", 性别="女", 出生日期="1972-02-03")
    register(
        folder,
        household("9901", person("990101", 姓名="张三丰"), wife),
        household("9902", person("990201", 姓名="李四", 出生日期="1965-05-06", 证件号码=""), 村="乙村委会"),
        uninsured(),
    )


def uninsured() -> list[dict[str, str]]:
    """A household of one person without insurance."""
    who = person("990301", 姓名="赵六", 出生日期="1980-07-08", **{INSURED: "否"})
    return household("9903", who, 镇="西乡", 村="丙村委会")


def number(code: str) -> str:
    return str(identity(code).id_number)


def identity(code: str) -> Any:
    from tuopin.register.models import PersonIdentity

    return PersonIdentity.objects.get(person__code=code, superseded_at=None)


def condition(code: str, day: date = DAY) -> PersonCondition:
    rows = PersonCondition.objects.filter(person__code=code, superseded_at=None, as_of__lte=day)
    return rows.order_by("-as_of")[0]


def hand_in(path: Path, kind: str = "resident_insurance", *, actor: Actor | None = None, **options: Any) -> MatchRun:
    """A list opened and matched."""
    import hashlib

    who = actor or local_admin()
    given = {"as_of": DAY, "area": "990100000000", "complete": False} | options
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    run = services.open_run(who, path, name=path.name, digest=digest, kind=kind, **given)
    services.match(who, run.pk)
    run.refresh_from_db()
    return run


def rows(folder: Path, *items: dict[str, str], name: str = "名单.csv") -> Path:
    return write(folder / name, items, titles=["某县参保名单"])


def fates(run: MatchRun) -> dict[str, int]:
    return {name: run.counts[name] for name in ("matched", "repeated", "decide", "not_found")}


def user(name: str, role: str, area: str, classes: tuple[str, ...] = ()) -> Actor:
    from tuopin.platform.accounts import services as accounts

    made, _password = accounts.add_user(local_admin(), name, "a-long-password-1", must_change=False)
    place = AreaVersion.objects.get(code=area, valid_to=None)
    accounts.grant(local_admin(), made, role, "area", place.area_id, field_classes=classes)
    return actor_for(made)


# -- who is matched -----------------------------------------------------------------------------------------------


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


# -- hostile lists ------------------------------------------------------------------------------------------------


def test_a_list_of_blank_numbers_and_names_matches_nobody(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(rows(tmp_path, *[{"身份证号": "", "姓名": "", "备注": "x"}] * 30))
    assert fates(run) == {"matched": 0, "repeated": 0, "decide": 0, "not_found": 30}
    assert run.counts["blank"] == 30


def test_formulas_and_script_are_text(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(
        rows(
            tmp_path,
            {"身份证号": "=cmd|' /C calc'!A0", "姓名": "<script>alert(1)</script>", "地址": "'; drop table x; --"},
            {"身份证号": number("990101"), "姓名": "=1+1", "地址": "\u202egnp.exe"},
        )
    )
    assert fates(run)["matched"] == 1
    assert fates(run)["not_found"] == 1


def test_rows_that_contradict_each_other_say_nothing(tmp_path: Path) -> None:
    register(tmp_path, household("9901", person("990101", 在校生状况="七年级", 文化程度="")))
    one = number("990101")
    run = hand_in(
        rows(tmp_path, {"身份证号": one, "年级": "八年级"}, {"身份证号": one, "年级": "九年级"}), kind="school"
    )
    assert fates(run) == {"matched": 1, "repeated": 1, "decide": 0, "not_found": 0}
    assert run.counts["contradicting"] == 1
    assert run.counts["facts"] == {"unsaid": 1}
    writing.write(local_admin(), run.pk)
    assert condition("990101").study == "grade_7"


def test_equal_rows_twice_count_once(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(rows(tmp_path, *[{"身份证号": number("990301")}] * 3))
    assert fates(run) == {"matched": 1, "repeated": 2, "decide": 0, "not_found": 0}
    result = writing.write(local_admin(), run.pk)
    assert (result.facts, result.opened) == (1, 1)


def test_a_cell_in_the_last_row_and_column_is_refused_in_words(tmp_path: Path) -> None:
    from openpyxl import Workbook

    people(tmp_path)
    book = Workbook()
    book.active.append(["身份证号", "姓名"])
    book.active.cell(row=1_048_576, column=16_384, value="x")
    path = tmp_path / "far.xlsx"
    book.save(path)
    run = services.open_run(
        local_admin(),
        path,
        name="宽.xlsx",
        digest="d",
        kind="low_income",
        as_of=DAY,
        area="990100000000",
        complete=False,
    )
    with pytest.raises(Problem) as problem:
        services.match(local_admin(), run.pk)
    assert problem.value.code == "cell_range"
    assert "宽.xlsx" in problem.value.zh
    run.refresh_from_db()
    assert run.state == "failed"
    assert run.counts["problem"]["error"] == problem.value.code


def test_five_thousand_columns_are_no_harm(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(rows(tmp_path, {"身份证号": number("990101")} | {f"列{at}": "x" for at in range(5_000)}))
    assert run.counts["matched"] == 1
    assert len(run.other_headers) == 200


def test_a_list_without_id_numbers_is_refused_in_words(tmp_path: Path) -> None:
    people(tmp_path)
    path = rows(tmp_path, {"姓名": "张三", "地址": "甲村"})
    with pytest.raises(Problem) as problem:
        hand_in(path)
    assert problem.value.code == "unknown_kind"


def test_the_same_file_again_says_so(tmp_path: Path) -> None:
    people(tmp_path)
    path = rows(tmp_path, {"身份证号": number("990101")})
    first = hand_in(path)
    with pytest.raises(Problem) as problem:
        hand_in(path)
    assert problem.value.code == "list_seen_before"
    assert str(first.pk) in problem.value.zh
    assert hand_in(path, again=True).counts["matched"] == 1
    assert hand_in(path, kind="low_income").counts["matched"] == 1


def test_a_list_of_tomorrow_is_refused(tmp_path: Path) -> None:
    people(tmp_path)
    path = rows(tmp_path, {"身份证号": number("990101")})
    with pytest.raises(Problem, match="bad_list_day"):
        hand_in(path, as_of=timezone.localdate() + timedelta(days=1))
    assert not MatchRun.objects.exists()


def test_columns_can_be_chosen_and_the_list_matched_again(tmp_path: Path) -> None:
    people(tmp_path)
    odd = id_number("19990101", 5)
    path = rows(tmp_path, {"身份证号": odd, "被保险人号码": number("990301"), "姓名": "赵六"})
    run = hand_in(path)
    assert run.counts["matched"] == 0
    assert run.other_headers == ["被保险人号码"]
    services.choose_columns(local_admin(), run.pk, {"身份证号": "", "被保险人号码": "id_number"})
    services.match(local_admin(), run.pk)
    run.refresh_from_db()
    assert run.counts["matched"] == 1
    with pytest.raises(Problem, match="bad_columns"):
        services.choose_columns(local_admin(), run.pk, {"身份证号": "no_such_field"})


def test_more_pairs_than_anybody_decides_are_counted_and_say_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tuopin.register.matching import link

    monkeypatch.setattr(link, "PAIRS_PER_LIST", 1)
    people(tmp_path)
    slips = [number(code)[:9] + number(code)[10:] for code in ("990101", "990102")]
    run = hand_in(rows(tmp_path, *({"身份证号": each} for each in slips)), complete=True)
    assert (run.counts["decide"], run.counts["left_out"], run.counts["not_found"]) == (1, 1, 0)
    assert run.counts["doubts"] == {}
    writing.write(local_admin(), run.pk)
    assert condition("990101").resident_insurance is True
    assert condition("990102").resident_insurance is True


# -- deciding -----------------------------------------------------------------------------------------------------


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


# -- what is written ----------------------------------------------------------------------------------------------


def test_facts_carry_the_lists_day_and_source_and_survive_a_reimport(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(rows(tmp_path, {"身份证号": number("990301")}))
    assert run.counts["facts"] == {"changed": 1}
    result = writing.write(local_admin(), run.pk)
    row = condition("990301")
    assert (row.as_of, row.resident_insurance) == (DAY, True)
    assert row.overrides["resident_insurance"]["source"] == "department_list"
    assert CorrectedValue.objects.get(field="resident_insurance").state == "open"
    assert (result.facts, result.opened) == (1, 1)
    issue = DataIssue.objects.get(closed_at=None, kind="list_resident_insurance")
    assert (issue.code, issue.subject, issue.person) == ("insured_per_department_not_in_register", "9903", "990301")
    again = writing.write(local_admin(), run.pk)
    assert (again.facts, again.opened, again.closed) == (0, 0, 1)  # the register now says what the list says
    take(households(tmp_path, uninsured(), day="2018-12-20"))
    assert condition("990301", date(2018, 12, 31)).resident_insurance is True


def test_what_agrees_writes_nothing(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(rows(tmp_path, {"身份证号": number("990101")}))
    assert run.counts["facts"] == {"same": 1}
    assert writing.write(local_admin(), run.pk).facts == 0
    assert PersonCondition.objects.filter(person__code="990101").count() == 1


def test_a_correction_by_hand_and_a_newer_record_stay(tmp_path: Path) -> None:
    from tuopin.register.correcting.services import Change, Why, correct
    from tuopin.register.models.blocks import Source

    people(tmp_path)
    key = identity("990301").person_id
    by_hand = Why(date(2018, 12, 10), Source.BY_HAND, "入户核实")
    correct(local_admin(), [Change("person", key, "resident_insurance", None)], by_hand)
    path = rows(tmp_path, {"身份证号": number("990301")})
    run = hand_in(path)
    assert run.counts["facts"] == {"kept": 1}
    assert writing.write(local_admin(), run.pk).facts == 0
    early = hand_in(
        rows(tmp_path, {"身份证号": number("990102")}, name="早.csv"), kind="low_income", as_of=date(2018, 11, 1)
    )
    assert early.counts["facts"] == {"newer": 1}
    assert writing.write(local_admin(), early.pk).facts == 0


def test_not_listed_means_nothing_unless_the_list_is_complete(tmp_path: Path) -> None:
    people(tmp_path)
    path = rows(tmp_path, {"身份证号": number("990101")}, {"身份证号": "", "姓名": "无名"})
    open_list = hand_in(path)
    assert open_list.counts["facts"] == {"same": 1}
    whole = hand_in(path, complete=True, again=True)
    # 王小二 and 赵六 have sound numbers and are not listed; 李四 has none and cannot be said to be missing
    assert whole.counts["facts"] == {"same": 2, "changed": 1}
    assert whole.counts["doubts"] == {"insured_in_register_not_on_list": 1}
    writing.write(local_admin(), whole.pk)
    assert condition("990102").resident_insurance is False
    assert condition("990201").resident_insurance is True


def test_a_namesake_without_number_on_the_list_protects_from_being_called_absent(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(rows(tmp_path, {"身份证号": "", "姓名": "王小二"}), complete=True)
    assert "990102" not in set(DataIssue.objects.values_list("person", flat=True))
    writing.write(local_admin(), run.pk)
    assert condition("990102").resident_insurance is True


def test_household_lists_write_the_households_fact_once(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(
        rows(
            tmp_path,
            {"户主身份证号": number("990101"), "鉴定等级": "D级"},
            {"户主身份证号": number("990102"), "鉴定等级": "D级"},
        ),
        kind="house_safety",
    )
    result = writing.write(local_admin(), run.pk)
    assert result.facts == 1
    living = HouseholdLiving.objects.filter(household__code="9901", superseded_at=None).order_by("-as_of")[0]
    assert (living.danger_grade, living.as_of) == ("D", DAY)
    assert DataIssue.objects.filter(code="dangerous_per_department", closed_at=None).count() == 2


def test_flags_ask_for_a_visit_and_do_not_accuse(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(rows(tmp_path, {"车主身份证号": number("990101"), "车主": "张三丰"}), kind="vehicle_owner")
    writing.write(local_admin(), run.pk)
    issue = DataIssue.objects.get(code="listed_vehicle_owner")
    assert issue.area is not None
    assert PersonCondition.objects.filter(person__code="990101").count() == 1  # no fact, no status, nothing decided
    from tuopin.register.issue_codes import issue_codes

    for kind in list_kinds().values():
        for doubt in kind.doubts:
            code = issue_codes()[doubt.code]
            text = code.title.zh + code.action.zh
            assert not any(word in text for word in ("骗", "违规", "冒领", "清退", "不符合条件")), doubt.code
            assert code.severity == "doubt"


def test_an_issue_is_not_doubled_and_closes_when_a_later_list_no_longer_shows_it(tmp_path: Path) -> None:
    people(tmp_path)
    one = rows(tmp_path, {"身份证号": number("990101")}, name="一.csv")
    run = hand_in(one, kind="deaths")
    writing.write(local_admin(), run.pk)
    assert writing.write(local_admin(), run.pk).opened == 0
    empty = rows(tmp_path, {"身份证号": id_number("19990101", 5)}, name="二.csv")
    part = hand_in(empty, kind="deaths")
    assert writing.write(local_admin(), part.pk).closed == 0  # it does not speak of that person
    whole = hand_in(empty, kind="deaths", complete=True, again=True)
    assert writing.write(local_admin(), whole.pk).closed == 1


def test_a_writing_is_taken_back_as_a_whole(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(rows(tmp_path, {"身份证号": number("990301")}))
    result = writing.write(local_admin(), run.pk)
    writing.take_back(local_admin(), result.pk)
    assert condition("990301").resident_insurance is False
    assert not DataIssue.objects.filter(closed_at=None, kind="list_resident_insurance").exists()
    with pytest.raises(Problem, match="already_undone"):
        writing.take_back(local_admin(), result.pk)


# -- grants -------------------------------------------------------------------------------------------------------


def test_a_department_hands_in_and_sees_no_person(tmp_path: Path) -> None:
    people(tmp_path)
    who = user("insurance", "department", "990101000000")
    path = rows(tmp_path, {"身份证号": number("990101")}, {"身份证号": number("990301")})
    run = hand_in(path, actor=who, area="990101000000")
    assert selectors.runs(who).get() == run
    assert selectors.reach(who, run) == []
    assert not selectors.covers(who, run)
    with pytest.raises(Refused):
        writing.write(who, run.pk)
    other = user("other", "department", "990101000000")
    assert not selectors.runs(other).exists()
    with pytest.raises(Missing):
        selectors.run(other, run.pk)
    with pytest.raises(Missing):
        hand_in(path, actor=who, area="990100000000", again=True)


def test_matches_outside_the_grants_are_neither_shown_counted_nor_written(tmp_path: Path) -> None:
    people(tmp_path)
    path = rows(
        tmp_path,
        {"身份证号": number("990101"), "姓名": "张三丰", "出生日期": "", "地址": ""},
        {"身份证号": number("990301"), "姓名": "赵六", "出生日期": "", "地址": ""},
        {"身份证号": "", "姓名": "李四", "出生日期": "1965-05-06", "地址": "东乡乙村"},
    )
    run = hand_in(path)
    clerk = user("west", "township", "990101101000", ("health",))
    assert selectors.runs(clerk).get() == run
    assert store.tally(run.pk, selectors.reach(clerk, run)).matched == 1
    assert not selectors.covers(clerk, run)
    assert not selectors.pairs(clerk, run).exists()
    with pytest.raises(Missing):
        services.decide(clerk, MatchPair.objects.get(run=run).pk, "yes")
    assert writing.write(clerk, run.pk).facts == 1
    assert condition("990301").resident_insurance is True
    blind = user("blind", "township", "990101101000")
    assert selectors.reach(blind, run) == []  # health data are not open to this account


def test_another_township_does_not_know_of_the_list(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(rows(tmp_path, {"身份证号": number("990301")}), area="990101101000")
    east = user("east", "township", "990101100000", ("health",))
    assert not selectors.runs(east).exists()
    with pytest.raises(Missing):
        writing.write(east, run.pk)


# -- the list goes ------------------------------------------------------------------------------------------------


def test_closing_deletes_file_rows_and_cells_and_keeps_counts(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(
        rows(
            tmp_path,
            {"身份证号": number("990101"), "姓名": "张三丰", "出生日期": "", "地址": ""},
            {"身份证号": "", "姓名": "李四", "出生日期": "1965-05-06", "地址": "东乡乙村"},
        )
    )
    folder = store.folder(run.pk)
    assert store.handed_in(run.pk).is_file()
    before = run.counts
    services.close(local_admin(), run.pk)
    assert not folder.exists()
    run.refresh_from_db()
    assert (run.state, run.counts, bool(run.digest)) == ("closed", before, True)
    assert MatchPair.objects.get(run=run).cells == {}
    for again in (services.close, writing.write):
        with pytest.raises(Problem, match="list_deleted"):
            again(local_admin(), run.pk)


def test_lists_are_deleted_when_their_days_are_over(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(rows(tmp_path, {"身份证号": number("990101")}))
    assert run.delete_on == timezone.localdate() + timedelta(days=list_kinds()["resident_insurance"].retention_days)
    assert services.purge(system(), run.delete_on - timedelta(days=1)) == 0
    assert store.handed_in(run.pk).is_file()
    left_behind = store.folder(987_654)
    assert services.purge(system(), run.delete_on) == 1
    assert not (store.present() & {run.pk, 987_654})
    assert not left_behind.exists()
    run.refresh_from_db()
    assert run.deleted_at is not None
    entry = AuditEntry.objects.filter(action="register.match_lists").order_by("-pk")[0]
    assert '"deleted":"expired"' in entry.detail
    assert services.purge(system(), run.delete_on) == 0


def test_the_worker_deletes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tuopin.register import tending

    people(tmp_path)
    run = hand_in(rows(tmp_path, {"身份证号": number("990101")}))
    MatchRun.objects.filter(pk=run.pk).update(delete_on=timezone.localdate())
    monkeypatch.setattr(tending, "_last", [0.0])
    tending.tend()
    assert run.pk not in store.present()


def test_nothing_personal_in_the_audit(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(rows(tmp_path, {"身份证号": number("990301"), "姓名": "赵六"}))
    writing.write(local_admin(), run.pk)
    services.close(local_admin(), run.pk)
    said = "".join(AuditEntry.objects.values_list("detail", flat=True))
    assert number("990301") not in said
    assert "赵六" not in said


def test_the_same_list_may_be_matched_by_a_second_attempt(tmp_path: Path) -> None:
    """A job that died is done again from the beginning."""
    people(tmp_path)
    run = hand_in(rows(tmp_path, {"身份证号": "", "姓名": "李四", "出生日期": "1965-05-06", "地址": "东乡乙村"}))
    services.match(local_admin(), run.pk)
    assert MatchPair.objects.filter(run=run).count() == 1
