"""A merged household: what it had is read with the one that goes on, counted once, and goes back with an undo."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone

from county import household, households, person, take
from people import account, signed_in
from rooms.measures.livelihood.lists import dividend, enterprise, link, loan, relocation, sheet
from rooms.measures.livelihood.test_enterprises_and_links import channels
from rooms.measures.test_payments_followed import happened
from rooms.measures.test_worksheets import SIGNED, draft
from tuopin.measures.livelihood import figures, selectors, services
from tuopin.measures.models import Dividend, EnterpriseLink, HouseholdNow, Loan, Relocation
from tuopin.measures.worksheets.services import answer, keep
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.problems import Missing, Problem
from tuopin.register.events.undo import undo
from tuopin.register.exporting import export_workbook
from tuopin.register.models import AreaVersion, Household, RegisterEvent

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("register")]

COUNTY, EAST, WEST = "990101000000", "990101100000", "990101101000"
DAY = date(2018, 12, 31)
LISTS = ("links", "dividends", "loans", "relocations")


@pytest.fixture
def lists(register: None, tmp_path: Path) -> None:
    """9901 and 9903 both hang on 丰收合作社 in one form; 9901 has a dividend, a loan, and was moved."""
    take(sheet(tmp_path / "1.csv", enterprise(), title="带贫主体名册"))
    take(sheet(tmp_path / "2.csv", link(), link("9903"), link("9902", 联结方式="土地流转"), title="联结"))
    take(sheet(tmp_path / "3.csv", dividend(), title="分红"))
    take(sheet(tmp_path / "5.csv", loan(), title="贷款"))
    take(sheet(tmp_path / "6.csv", relocation(), title="搬迁"))


def area(code: str = COUNTY) -> AreaVersion:
    return AreaVersion.objects.get(code=code, valid_to=None)


def pk(code: str) -> int:
    return Household.objects.get(code=code).pk


def codes(name: str, place: str = COUNTY, actor: Any = None) -> list[str]:
    rows = getattr(selectors, name)(actor or local_admin(), area(place), DAY)
    return sorted(rows.values_list("code", flat=True))


def page(name: str, code: str, user: Any = None) -> str:
    client = user or signed_in(account("reader", "county", COUNTY, "bank", "child", "health", "disability"))
    answered = client.get(reverse(name, args=[code]))
    assert answered.status_code == 200
    text: str = answered.content.decode()
    return text


@pytest.mark.usefixtures("lists")
def test_lists_figures_and_pages_follow_and_an_undo_takes_them_back(django_assert_max_num_queries: Any) -> None:
    before = figures.coverage(local_admin(), area(), DAY)
    assert (before.covered, before.twice, before.forms) == (3, 0, 3)
    happened("merge", "9901", "2018-12-20", into="9903")
    assert HouseholdNow.objects.get().now_id == pk("9903")
    after = figures.coverage(local_admin(), area(), DAY)
    assert (after.covered, after.twice, after.forms) == (2, 0, 2)  # one form with one enterprise counts once
    assert codes("links") == ["9902", "9903", "9903"]
    assert [codes(name) for name in LISTS[1:]] == [["9903"]] * 3
    counts, _work = figures.short(local_admin(), area(), DAY)
    assert (counts["live"], counts["households"]) == (3, 2)
    client = signed_in(account("reader", "county", COUNTY, "bank", "child", "health", "disability"))
    with django_assert_max_num_queries(20):
        text = page("measures:household_livelihood", "9903", client)
    assert text.count("1,200.00") >= 3  # two links and the dividend
    assert "县农商行" in text
    assert "幸福社区" in text
    assert "县农商行" in page("console:household", "9903", client)
    for name in LISTS:
        listed = client.get(reverse(f"measures:{name}", query={"area": EAST})).content.decode()
        assert "/households/9903/" in listed, name
        assert "/households/9901/" not in listed, name
    undo(local_admin(), RegisterEvent.objects.get(kind="merge").pk, "登记有误")
    assert not HouseholdNow.objects.exists()
    assert figures.coverage(local_admin(), area(), DAY) == before
    assert codes("links") == ["9901", "9902", "9903"]
    assert "县农商行" not in page("measures:household_livelihood", "9903", client)


@pytest.mark.usefixtures("lists")
def test_chains_of_mergers_and_other_places() -> None:
    happened("merge", "9901", "2018-12-20", into="9903")
    happened("merge", "9903", "2018-12-21", into="9902")
    assert set(HouseholdNow.objects.values_list("now_id", flat=True)) == {pk("9902")}
    assert codes("links", WEST) == ["9902"] * 3
    assert codes("links", EAST) == []
    west, east = (actor_for(account(name, "township", code)) for name, code in (("west", WEST), ("east", EAST)))
    assert codes("dividends", WEST, west) == ["9902"]
    assert selectors.dividends(east, None, DAY).count() == 0
    said = {"year": 2018, "as_of": date(2018, 12, 1), "recorded_at": timezone.now()}
    Relocation.objects.create(household_id=pk("9903"), has_clinic=False, **said)
    moved = figures.of_area(local_admin(), area(), DAY, None).relocation
    assert (moved["all"], moved["no_clinic"]) == (1, 1)  # both former households say so of one home
    assert "1,200.00" in page("measures:household_livelihood", "9902")


@pytest.mark.usefixtures("lists")
def test_the_one_that_goes_on_says_what_becomes_of_it() -> None:
    happened("merge", "9901", "2018-12-20", into="9903")
    had = EnterpriseLink.objects.get(household=pk("9901"))
    east, west = (actor_for(account(name, "township", code)) for name, code in (("east", EAST), ("west", WEST)))
    with pytest.raises(Missing):
        services.end_rows(west, EnterpriseLink, [had.pk], date(2018, 12, 25))
    services.end_rows(east, EnterpriseLink, [had.pk], date(2018, 12, 25))
    assert codes("links").count("9903") == 2
    another = EnterpriseLink(household_id=pk("9903"), enterprise_id=had.enterprise_id, form="shares",
                             valid_from=date(2018, 6, 1))  # fmt: skip
    with pytest.raises(Problem, match="link_overlaps"):
        services.keep_links(east, [another])
    paid = Dividend(household_id=pk("9903"), enterprise_id=had.enterprise_id, form="shares", period="2018",
                    due=120_000, paid=120_000, paid_on=date(2018, 12, 24))  # fmt: skip
    services.record_dividends(east, [paid])
    assert Dividend.objects.get(superseded_at=None).paid == 120_000  # a word on the dividend of the former household
    banker = actor_for(account("banker", "township", EAST, "bank"))
    old = Loan.objects.get()
    repaid = Loan(household_id=pk("9903"), bank=old.bank, number=old.number, granted=old.granted, amount=old.amount,
                  repaid=old.amount, repaid_on=date(2018, 12, 24))  # fmt: skip
    services.keep_loans(banker, [repaid])
    assert Loan.objects.get(superseded_at=None).repaid_on == date(2018, 12, 24)
    found = Relocation(household_id=pk("9903"), as_of=date(2018, 12, 28), has_clinic=True)
    services.record_relocations(east, [found])
    assert codes("relocations") == ["9903"]  # one home, though two rows speak of it
    assert Relocation.objects.get(household=pk("9903")).site == "幸福社区"  # known before, of the former household


@pytest.mark.usefixtures("lists")
def test_what_is_written_out_of_it_comes_in_unchanged(tmp_path: Path) -> None:
    happened("merge", "9901", "2018-12-20", into="9903")
    models: dict[str, Any] = {"enterprise_link": EnterpriseLink, "dividend": Dividend, "loan": Loan}
    before = [model.objects.count() for model in models.values()]
    rows = {"enterprise_link": 3, "dividend": 1, "loan": 1, "relocation": 1}
    for kind, count in rows.items():
        assert export_workbook(local_admin(), tmp_path / f"{kind}.xlsx", kind=kind, on=DAY) == count, kind
    take(*(tmp_path / f"{kind}.xlsx" for kind in rows))
    assert [model.objects.count() for model in models.values()] == before
    assert set(Relocation.objects.values_list("household__code", flat=True)) == {"9901"}
    EnterpriseLink.objects.filter(household__code="9903").delete()
    paid = {"实际分红日期": "2018-12-30", "实际分红金额（元）": "1200"}
    lines = [dividend("9903", **paid), dividend("9903", 分红年度="2019")]  # the link is the former household's
    take(sheet(tmp_path / "m.csv", *lines, title="分红", day="2018-12-31"))
    standing = Dividend.objects.filter(superseded_at=None).order_by("period")
    assert [(row.household.code, row.paid) for row in standing] == [("9901", 120_000), ("9903", None)]


@pytest.mark.usefixtures("lists")
def test_channels_of_income_count_for_each_household_on_its_days() -> None:
    happened("merge", "9901", "2018-12-20", into="9903")
    happened("merge", "9903", "2018-12-22", into="9902")
    assert channels("9901") == [("2018-01-01", 1), ("2018-12-20", 0)]
    assert channels("9903") == [("2018-01-01", 1), ("2018-12-20", 1), ("2018-12-22", 0)]
    assert channels("9902") == [("2018-01-01", 1), ("2018-12-22", 2), ("2021-01-01", 0)]
    undo(local_admin(), RegisterEvent.objects.get(kind="merge", day=date(2018, 12, 22)).pk, "登记有误")
    assert channels("9903") == [("2018-01-01", 1), ("2018-12-20", 1), ("2021-01-01", 0)]


def test_plans_and_worksheets_stay_what_the_former_household_signed() -> None:
    (sheet_,) = keep(local_admin(), [draft("9901")])
    answer(local_admin(), [sheet_.pk], SIGNED)
    happened("merge", "9901", "2018-12-20", into="9903")
    client = signed_in(account("reader", "county", COUNTY))
    for name in ("measures:plan", "measures:worksheet"):
        text = page(name, "9903", client)
        assert "并入本户的原户" in text
        assert reverse("measures:worksheet", args=["9901"]) in text
    assert "并入本户的原户" in page("console:household", "9903", client)
    assert "并入本户的原户" not in page("console:household", "9902", client)


@pytest.mark.usefixtures("lists")
def test_a_household_that_came_back_keeps_its_own(tmp_path: Path) -> None:
    happened("merge", "9901", "2018-12-20", into="9903")
    back = household("9901", person("990101"), person("990102", 姓名="张小", 出生日期="2006-05-01"))
    take(households(tmp_path, back, day="2018-12-28"))
    living = Household.objects.get(code="9901").residences.filter(valid_to=None).exists()
    assert codes("links").count("9903") == (1 if living else 2)
