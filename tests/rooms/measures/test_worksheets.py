"""Income worksheets: lines and sums, versions, signatures, what the register takes and what it keeps."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction

from county import household, households, person, take
from people import account, signed_in
from tuopin.measures.worksheets import taking
from tuopin.measures.worksheets.lines import facts_of, lines, per_head, sums_of
from tuopin.measures.worksheets.models import IncomeWorksheet, WorksheetAnswer, WorksheetTaken
from tuopin.measures.worksheets.selectors import coverage, versions_of
from tuopin.measures.worksheets.services import Draft, Reply, answer, keep
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.models import Evidence
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.correcting.services import Change, Why, correct, undo
from tuopin.register.models import AreaVersion, Household, HouseholdIncome
from tuopin.register.models.corrections import CorrectedValue
from tuopin.register.selectors import household as household_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tuopin.measures.worksheets.states import View

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("register")]

COUNTY, EAST, WEST, VILLAGE = "990101000000", "990101100000", "990101101000", "990101100201"
SIGNED_ON = datetime.date(2018, 12, 10)
LATER = datetime.date(2019, 12, 10)
ALL = dict.fromkeys(lines(), 0) | {"crops": 500_000, "crops_cost": 120_050, "work_away": 1_800_000, "subsidies": 30_000}
SIGNED = Reply("signed", SIGNED_ON, "李帮扶", SIGNED_ON, reference="村部档案柜")
PDF = b"%PDF-1.4 signed"


def draft(code: str = "9901", amounts: dict[str, int] | None = None, year: int = 2018, **more: Any) -> Draft:
    return Draft(Household.objects.get(code=code).pk, year, 2, amounts or ALL, **more)


def kept(*drafts: Draft) -> list[int]:
    return [each.pk for each in keep(local_admin(), list(drafts) or [draft()])]


def shown(code: str = "9901", year: int = 2018) -> list[View]:
    return versions_of(local_admin(), household_of(local_admin(), code)).get(year, [])


def income(code: str = "9901") -> HouseholdIncome:
    return HouseholdIncome.objects.filter(household__code=code, superseded_at=None).latest("as_of")


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Problem) as found:
        act()
    return found.value.code


def test_sums_take_costs_off_and_a_blank_line_is_unknown() -> None:
    sums = sums_of(ALL)
    assert (sums["business"], sums["wage"], sums["property"], sums["transfer"]) == (379_950, 1_800_000, 0, 30_000)
    assert (sums["net"], per_head(sums["net"], 2), per_head(-3, 2)) == (2_209_950, 1_104_975, -2)
    blank = {key: amount for key, amount in ALL.items() if key != "crops_cost"}
    assert (sums_of(blank)["business"], sums_of(blank)["net"], sums_of(blank)["wage"]) == (None, None, 1_800_000)
    assert "business" not in facts_of(blank)
    assert facts_of(blank)["transfer"] == 30_000
    assert facts_of(ALL)["business_cost"] == 120_050


def test_signed_with_the_right_to_correct_it_goes_into_the_register_and_stays() -> None:
    (number,) = kept()
    answer(local_admin(), [number], SIGNED)
    assert shown()[0].state == "signed"
    assert taking.take(local_admin(), [number]) == taking.Outcome(1, 0)
    row = income()
    assert (row.wage, row.business, row.business_cost, row.other_transfer) == (1_800_000, 500_000, 120_050, 30_000)
    assert row.as_of == SIGNED_ON
    assert {mark["source"] for mark in row.overrides.values()} == {"visit"}
    assert shown()[0].state == "taken"
    assert CorrectedValue.objects.filter(field="wage", state="open").exists()  # to be entered in the national system
    assert refused(lambda: taking.take(local_admin(), [number])) == "not_due"


def test_a_newer_national_export_is_never_overwritten(tmp_path: Path) -> None:
    (number,) = kept()
    answer(local_admin(), [number], SIGNED)
    later = household(
        "9901", person("990101"), person("990102", 姓名="张小", 出生日期="2006-05-01"), 工资性收入="99.00"
    )
    take(households(tmp_path, later, day="2018-12-20"))
    before = income()
    assert taking.take(local_admin(), [number]) == taking.Outcome(0, 1)
    assert (income().pk, income().wage, shown()[0].state) == (before.pk, 9_900, "held")
    assert not WorksheetTaken.objects.exists()


def test_an_export_of_an_earlier_day_leaves_what_was_signed(tmp_path: Path) -> None:
    (number,) = kept()
    answer(local_admin(), [number], SIGNED)
    taking.take(local_admin(), [number])
    same = household("9901", person("990101"), person("990102", 姓名="张小", 出生日期="2006-05-01"))
    take(households(tmp_path, same, day="2018-12-20"))
    assert income().wage == 1_800_000


def test_a_worksheet_of_an_earlier_year_is_no_news_of_this_one() -> None:
    (number,) = kept(draft(year=2016))
    answer(local_admin(), [number], SIGNED)
    assert taking.take(local_admin(), [number]) == taking.Outcome(0, 1)


def test_a_worksheet_of_a_later_year_is_of_that_year_and_takes_nothing_over() -> None:
    before = income()
    assert (before.year, before.wage is not None) == (2018, True)
    only = {key: amount for key, amount in ALL.items() if key != "crops_cost"}  # what is left blank is unknown
    only["work_away"] = before.wage or 0  # the same amount in another year is news
    (number,) = kept(draft(year=2019, amounts=only))
    answer(local_admin(), [number], Reply("signed", LATER, "李帮扶", LATER, reference="村部档案柜"))
    assert taking.take(local_admin(), [number]) == taking.Outcome(1, 0)
    row = income()
    assert (row.as_of, row.year, row.source, row.wage) == (LATER, 2019, "visit", before.wage)
    assert (row.business, row.stated_income, "wage" in row.overrides) == (None, None, True)
    line = CorrectedValue.objects.get(field="wage", state="open")
    assert line.old == "null"  # nothing was known of the year
    undo(local_admin(), line.correction_id)
    assert income().pk == before.pk  # it counts again, and hides no later export of that year
    assert not CorrectedValue.objects.filter(state="open").exists()  # nothing of it is still to be entered


def test_worksheets_of_two_years_signed_on_one_day_are_two_corrections() -> None:
    numbers = kept(draft("9901", year=2018), draft("9902", year=2019))
    answer(local_admin(), numbers, Reply("signed", LATER, "李帮扶", LATER, reference="村部档案柜"))
    assert taking.take(local_admin(), numbers).taken == 2
    assert [income(code).year for code in ("9901", "9902")] == [2018, 2019]
    assert CorrectedValue.objects.values("correction").distinct().count() == 2


def test_another_year_is_not_undone_over_what_was_written_since() -> None:
    (number,) = kept(draft(year=2019, amounts={key: 0 for key, line in lines().items() if line.part == "wage"}))
    answer(local_admin(), [number], Reply("signed", LATER, "李帮扶", LATER, reference="村部档案柜"))
    taking.take(local_admin(), [number])
    first = CorrectedValue.objects.get(field="wage", state="open").correction_id
    change = Change("household", Household.objects.get(code="9901").pk, "property", 7_700)
    second = correct(local_admin(), [change], Why(LATER)).correction
    assert refused(lambda: undo(local_admin(), first)) == "written_since"
    assert second is not None
    undo(local_admin(), second.pk)
    assert income().year == 2019


def test_who_may_not_correct_records_the_signature_and_an_office_takes_it() -> None:
    cadre = actor_for(account("cadre", "village", VILLAGE))
    (sheet,) = keep(cadre, [draft()])
    rows = answer(cadre, [sheet.pk], SIGNED)
    assert taking.take_if_allowed(cadre, [rows[0].worksheet]) is None
    with pytest.raises(Refused):
        taking.take(cadre, [sheet.pk])
    office = actor_for(account("office", "township", EAST))
    version = AreaVersion.objects.get(code=EAST, valid_to=None)
    assert taking.take_area(office, version, 2018) == taking.Outcome(1, 0)
    assert taking.take_area(office, version, 2018) == taking.Outcome(0, 0)


def test_a_set_is_one_act_with_a_fixed_number_of_statements(django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(14):
        numbers = kept(draft("9901"), draft("9902"), draft("9903"))
    with django_assert_max_num_queries(16):
        answer(local_admin(), numbers, SIGNED)
    with django_assert_max_num_queries(45):
        assert taking.take(local_admin(), numbers).taken == 3


def test_versions_answers_and_what_is_refused() -> None:
    (number,) = kept()
    assert refused(lambda: kept()) == "changed_meanwhile"
    assert refused(lambda: kept(draft(seen=1))) == "bad_worksheet"  # without a reason
    for reply, code in (
        (Reply("signed", SIGNED_ON, "李", SIGNED_ON), "no_paper"),
        (Reply("signed", SIGNED_ON, reference="柜"), "no_helper"),
        (Reply("refused", SIGNED_ON), "no_reason"),
        (Reply("maybe", SIGNED_ON), "bad_answer"),
        (Reply("signed", datetime.date(9999, 12, 31), "李", SIGNED_ON, reference="柜"), "bad_day"),
        (Reply("signed", SIGNED_ON, "李\0", SIGNED_ON, reference="柜"), "too_long"),
    ):
        assert refused(lambda reply=reply: answer(local_admin(), [number], reply)) == code
    answer(local_admin(), [number], Reply("refused", SIGNED_ON, note="务工收入没有这么多"))
    assert refused(lambda: answer(local_admin(), [number], SIGNED)) == "answered_already"
    assert refused(lambda: taking.take(local_admin(), [number])) == "not_due"
    (second,) = kept(draft(seen=1, reason="核实后更正"))
    assert [each.state for each in shown()] == ["drafted", "superseded"]
    assert refused(lambda: answer(local_admin(), [number], SIGNED)) == "not_newest"
    assert second != number
    for bad in (
        draft(amounts={"crops": -1}), draft(amounts={"gold": 1}), draft(amounts={"crops": 10**12}),
        draft(year=9999), draft(year=0), draft(amounts={"crops": 1}, notes={"crops": "长" * 101}),
    ):  # fmt: skip
        assert refused(lambda bad=bad: kept(bad)) == "bad_worksheet"


def test_rows_are_written_once() -> None:
    (number,) = kept()
    answer(local_admin(), [number], SIGNED)
    for table in (IncomeWorksheet, WorksheetAnswer):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table._meta.db_table} SET user_id = 1")


def test_other_places_are_not_there() -> None:
    west = actor_for(account("west", "township", WEST))
    with pytest.raises(Missing):
        keep(west, [draft("9901")])
    (number,) = kept()
    with pytest.raises(Missing):
        answer(west, [number], SIGNED)
    with pytest.raises(Missing):
        taking.take(west, [number])
    client = signed_in(account("west2", "township", WEST))
    assert client.get("/measures/worksheets/9901/").status_code == 404
    assert client.get(f"/measures/worksheets/?area={EAST}").status_code == 404


def test_coverage_counts_each_household_once(django_assert_max_num_queries: Any) -> None:
    first, second = kept(draft("9901"), draft("9902"))
    answer(local_admin(), [first], SIGNED)
    version = AreaVersion.objects.get(code=COUNTY, valid_to=None)
    with django_assert_max_num_queries(3):
        whole, below = coverage(local_admin(), version, 2018)
    assert (whole.households, whole.none, dict(whole.by_state)) == (3, 1, {"signed": 1, "drafted": 1})
    assert {each.code: found.none for each, found in below} == {EAST: 1, WEST: 0}
    assert second


def form(**more: str) -> dict[str, str]:
    return {"do": "keep", "seen": "0", "members": "2", **{f"amount-{key}": "0" for key in lines()}, **more}


def test_the_page_from_the_form_to_the_register(django_assert_max_num_queries: Any) -> None:
    client = signed_in(account("office", "township", EAST))
    address = "/measures/worksheets/9901/?year=2018"
    bad = client.post(address, form(**{"amount-crops": "五百<script>"}))
    assert bad.status_code == 400
    assert "五百&lt;script&gt;" in bad.content.decode()
    assert client.post(address, form(**{"amount-crops": "5,000.00", "note-crops": "小麦"})).status_code == 302
    page = client.get(address).content.decode()
    assert "5,000.00" in page
    number = str(IncomeWorksheet.objects.get().pk)
    paper = SimpleUploadedFile("签字.pdf", PDF, "application/pdf")
    signed = {"do": "answer", "worksheet": number, "kind": "signed", "day": "2018-12-10", "helper": "李帮扶",
              "helper_day": "2018-12-10", "paper": paper}  # fmt: skip
    assert client.post(address, signed).status_code == 302
    assert income().business == 500_000
    kept_paper = Evidence.objects.get(about="income_worksheet")
    assert b"".join(client.get(f"/measures/worksheets/9901/papers/{kept_paper.pk}/")) == PDF
    with django_assert_max_num_queries(20):
        text = client.get(address).content.decode()
    assert "已签字，已入登记" in text
    assert client.post(address, {"do": "answer", "worksheet": "99999999999999999999"}).status_code == 404
    assert client.post(address, {"do": "nonsense"}).status_code == 400
    with django_assert_max_num_queries(20):
        text = client.get(f"/measures/worksheets/?area={EAST}").content.decode()
    assert "worksheet=none" in text
    listed = client.get(f"/areas/{EAST}/households/?worksheet=none&column=code&column=worksheet").content.decode()
    assert "9903" in listed
    assert "9901</a>" not in listed


def test_a_signature_that_the_register_refuses_is_said_to_be_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(account("office", "township", EAST))
    (number,) = kept()

    def refuse(*_given: object) -> None:
        raise Problem("newer_version", "9901 已有更晚的记录。", "There is a newer record of 9901.")

    monkeypatch.setattr(taking, "take_if_allowed", refuse)
    signed = {"do": "answer", "worksheet": str(number), "kind": "signed", "day": "2018-12-10", "helper": "李帮扶",
              "helper_day": "2018-12-10", "reference": "档案柜"}  # fmt: skip
    answered = client.post("/measures/worksheets/9901/?year=2018", signed, follow=True)
    text = answered.content.decode()
    assert (answered.status_code, "已记录签字。但没有写入登记：9901 已有更晚的记录。" in text) == (200, True)
    assert (shown()[0].state, WorksheetAnswer.objects.count()) == ("signed", 1)
