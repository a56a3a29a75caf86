"""Pages of livelihood: an area's figures, lists, an enterprise, a household with its forms; who is told of loans."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from county import take
from people import account, signed_in
from rooms.measures.livelihood.lists import dividend, enterprise, link, loan, relocation, sheet, work
from tuopin.measures import panels
from tuopin.measures.livelihood.shown import household
from tuopin.measures.models import Enterprise, EnterpriseLink, EnterpriseRisk, Loan, Relocation, Work
from tuopin.measures.selectors import of_household
from tuopin.platform.access import local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.register import selectors as register
from tuopin.register.models import DataIssue, Household, PersonCard, RejectedRow

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("register")]

TOWN, VILLAGE, OTHER = "990101100000", "990101100201", "990101101000"


@pytest.fixture
def lists(register: None, tmp_path: Path) -> None:
    """丰收合作社 at risk, with a link and an overdue dividend; 张三 works away; a loan overdue; a moved household."""
    take(sheet(tmp_path / "1.csv", enterprise(经营状况="风险", 风险原因="欠款"), title="带贫主体名册"))
    take(sheet(tmp_path / "2.csv", link(), link("9902", 联结方式="土地流转"), title="联结"))
    take(sheet(tmp_path / "3.csv", dividend(), title="分红"))
    take(sheet(tmp_path / "4.csv", work(), work(name="张小"), title="务工"))
    take(sheet(tmp_path / "5.csv", loan(到期日期="2018-11-20"), title="贷款"))
    take(sheet(tmp_path / "6.csv", relocation(是否有人就业="否"), title="搬迁"))


def clerk(*classes: str, area: str = TOWN, role: str = "township") -> Client:
    return signed_in(account(f"clerk{len(classes)}{area}{role}", role, area, *classes))


def text(client: Client, name: str, *args: object, **query: str) -> str:
    answer = client.get(reverse(name, args=args, query=query or None))
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


@pytest.mark.usefixtures("lists")
def test_an_area_is_added_up_with_the_lists_behind() -> None:
    client = clerk("bank", "child")
    page = text(client, "measures:livelihood", area=TOWN)
    for href in ("links/?area=990101100000&amp;state=live", "loans/?area=990101100000&amp;state=overdue",
                 "dividends/?area=990101100000&amp;state=overdue",
                     "relocations/?area=990101100000&amp;lacks=job"):  # fmt: skip
        assert href in page
    assert "1,200.00" in page
    for name, seen in (("links", "丰收合作社"), ("dividends", "超期未兑现"), ("work", "某电子厂"), ("loans",
        "县农商行"),
                       ("relocations", "幸福社区"), ("enterprises", "蔬菜")):  # fmt: skip
        assert seen in text(client, f"measures:{name}", area=TOWN), name
    assert "9902" not in text(client, "measures:links", area=TOWN)
    assert "县农商行" in text(client, "measures:loans", area=TOWN, state="overdue")
    assert "县农商行" not in text(client, "measures:loans", area=TOWN, state="due30")
    assert "9901" in text(client, "measures:relocations", area=TOWN, lacks="job")
    assert "幸福社区" not in text(client, "measures:relocations", area=TOWN, lacks="school")


@pytest.mark.usefixtures("lists")
def test_who_lacks_the_class_is_not_told_whether_there_is_a_loan() -> None:
    client = clerk()
    assert client.get(reverse("measures:loans", query={"area": TOWN})).status_code == 403
    pages = [
        text(client, "measures:livelihood", area=TOWN),
        text(client, "measures:household_livelihood", "9901"),
        text(client, "console:household", "9901"),
    ]
    before = [page.replace("县农商行", "") for page in pages]
    assert before == pages
    assert "就学落实" not in "".join(pages)
    Loan.objects.all().delete()
    assert text(client, "measures:livelihood", area=TOWN).count("小额信贷") == pages[0].count("小额信贷")
    form = {"do": "loan", "bank": "某银行", "granted": "2018-05-01"}
    assert client.post(reverse("measures:household_livelihood", args=["9901"]), form).status_code == 404
    assert not Loan.objects.exists()


def test_nothing_of_a_loan_that_cannot_be_read_is_told_in_issues(tmp_path: Path) -> None:
    take(sheet(tmp_path / "5.csv", loan(**{"贷款金额（万元）": "很多"}), loan(贷款银行=""), title="贷款"))
    assert not Loan.objects.exists()
    assert not DataIssue.objects.filter(kind="loan").exists()
    assert sorted(RejectedRow.objects.values_list("reason", "subject")) == [
        ("loan_no_bank", ""),
        ("loan_unreadable", ""),
    ]


@pytest.mark.usefixtures("lists")
def test_a_household_shows_all_and_takes_changes() -> None:
    client = clerk("bank", "child")
    page = text(client, "measures:household_livelihood", "9901")
    for seen in ("丰收合作社", "超期未兑现", "某电子厂", "县农商行", "已逾期", "幸福社区", "就学落实"):
        assert seen in page
    address = reverse("measures:household_livelihood", args=["9901"])
    head = PersonCard.objects.get(household__code="9901", name="张三").pk
    row = EnterpriseLink.objects.get(household__code="9901")
    assert client.post(address, {"do": "end_link", "entry": row.pk, "last": "2018-11-30"}).status_code == 302
    assert EnterpriseLink.objects.get(household__code="9901", superseded_at=None).valid_to == date(2018, 12, 1)
    held = Work.objects.get()
    assert client.post(address, {"do": "end_work", "entry": held.pk, "last": "2018-11-30", "returned": "1",
                                 "reason": "照顾老人"}).status_code == 302  # fmt: skip
    ended = Work.objects.get(superseded_at=None)
    assert (ended.valid_to, ended.returned, ended.end_reason) == (date(2018, 12, 1), True, "照顾老人")
    made = {
        "do": "work",
        "person": head,
        "kind": "public_post",
        "post": "保洁员",
        "organisation": "村委会",
        "since": "2018-12-01",
    }
    assert client.post(address, made).status_code == 302
    found = {"do": "relocation", "as_of": "2018-12-05", "job": "1", "source": "入户"}
    assert client.post(address, found).status_code == 302
    moved = Relocation.objects.get(as_of=date(2018, 12, 5))
    assert (moved.has_job, moved.job_source, moved.has_school, moved.site) == (True, "入户", True, "幸福社区")


@pytest.mark.usefixtures("lists")
def test_what_is_wrong_in_a_form_is_said_and_nothing_is_written() -> None:
    client = clerk("bank", "child")
    address = reverse("measures:household_livelihood", args=["9901"])
    child = PersonCard.objects.get(name="张小").pk
    held = Enterprise.objects.get().pk
    counts = [model.objects.count() for model in (EnterpriseLink, Work, Loan, Relocation)]
    base = {"do": "link", "enterprise": held, "form": "shares", "since": "2018-06-01"}
    for form, said in (
        (base, "重叠"),
        (base | {"form": "友谊"}, "联结方式"),
        (base | {"form": "land", "agreed": "1e9"}, "元"),
        (base | {"form": "land", "agreed": "999999999999"}, "金额"),
        (base | {"form": "land", "since": "2099-12-31"}, "年份"),
        (base | {"form": "land", "until": "2150-12-31"}, "年份"),
        (base | {"form": "land", "contract": "长" * 201}, "200"),
        ({"do": "work", "person": child, "kind": "away", "employer": "甲", "since": "2018-06-01"}, "16"),
        ({"do": "loan", "bank": "乙", "granted": "2018-06-01", "due": "2018-05-01"}, "到期"),
        ({"do": "relocation", "as_of": "2099-01-01"}, "今天"),
        ({"do": "nothing"}, "按钮"),
    ):
        answer = client.post(address, form)
        assert (answer.status_code, said in answer.content.decode()) == (400, True), form
    for form in (base | {"enterprise": "99999999", "form": "land"}, base | {"enterprise": "x" * 5000, "form": "land"},
                 {"do": "end_link", "entry": "0", "last": "2018-06-01"}):  # fmt: skip
        assert client.post(address, form).status_code == 404
    assert counts == [model.objects.count() for model in (EnterpriseLink, Work, Loan, Relocation)]


@pytest.mark.usefixtures("lists")
def test_an_enterprise_is_entered_and_its_risk_said_and_the_other_town_sees_none_of_it() -> None:
    client, other = clerk(), clerk(area=OTHER)
    made = {"name": "新禾公司", "kind": "leading", "place": VILLAGE, "as_of": "2018-11-01", "credit_code": ""}
    answer = client.post(reverse("measures:new_enterprise", query={"area": TOWN}), made)
    assert answer.status_code == 302
    assert client.post(reverse("measures:new_enterprise", query={"area": TOWN}), made).status_code == 400
    assert client.post(reverse("measures:new_enterprise", query={"area": TOWN}), made | {"name": "乙", "place": OTHER,
                       }).status_code == 400  # fmt: skip
    coop = Enterprise.objects.order_by("pk").first()
    assert coop is not None
    page = text(client, "measures:enterprise", coop.pk)
    assert "9901" in page
    assert "9902" not in page
    address = reverse("measures:enterprise", args=[coop.pk])
    assert client.post(address, {"level": "stopped", "day": "2018-11-20", "ground": ""}).status_code == 400
    assert client.post(address, {"level": "stopped", "day": "2018-11-20", "ground": "无订单"}).status_code == 302
    assert EnterpriseRisk.objects.filter(level="stopped").count() == 1
    assert other.get(address).status_code == 404
    assert other.post(address, {"level": "normal", "day": "2018-11-20"}).status_code == 404
    assert "丰收合作社" not in text(other, "measures:enterprises", area=OTHER)
    assert "丰收合作社" in text(other, "measures:links", area=OTHER)  # a household of theirs hangs on it
    assert other.get(reverse("measures:household_livelihood", args=["9901"])).status_code == 404


@pytest.mark.usefixtures("lists")
def test_an_enterprise_is_changed_and_closed_on_its_page() -> None:
    client, other = clerk(), clerk(area=OTHER)
    coop = Enterprise.objects.get()
    address = reverse("measures:enterprise", args=[coop.pk])
    seen = str(coop.versions.get().pk)
    told = {"do": "change", "seen": seen, "name": "丰收<b>合作社</b>", "kind": "leading", "place": VILLAGE,
            "as_of": "2018-12-10", "credit_code": "", "industry": "食用菌"}  # fmt: skip
    assert f'name="seen" value="{seen}"' in text(client, "measures:enterprise", coop.pk)
    for bad in ({"place": OTHER}, {"as_of": "9999-01-01"}, {"kind": "secret"}, {"name": ""}, {"capacity": "九"}):
        answer = client.post(address, told | bad)
        assert answer.status_code == 400, bad
    assert coop.versions.count() == 1
    assert client.post(address, told).status_code == 302
    assert client.post(address, told).status_code == 400  # somebody else has changed it: the first answer of the form
    page = text(client, "measures:enterprise", coop.pk)
    assert "丰收&lt;b&gt;合作社" in page
    assert "食用菌" in page
    assert other.post(address, told).status_code == 404
    assert other.post(address, {"do": "close", "day": "2018-12-20", "ground": "注销"}).status_code == 404
    assert client.post(address, {"do": "close", "day": "2018-12-20", "ground": ""}).status_code == 400
    assert client.post(address, {"do": "nonsense"}).status_code == 400
    assert client.post(address, {"do": "close", "day": "2018-12-20", "ground": "工商注销"}).status_code == 302
    ends = EnterpriseLink.objects.filter(superseded_at=None).order_by("household__code")
    assert [(row.household.code, str(row.valid_to)) for row in ends] == [
        ("9901", "2018-12-20"), ("9902", "2021-01-01"),  # another township's household: ended there
    ]  # fmt: skip
    assert "破产或注销" in text(client, "measures:enterprise", coop.pk)


@pytest.mark.usefixtures("lists")
def test_the_number_of_statements_does_not_grow(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    client = clerk("bank", "child")
    enterprise_id = Enterprise.objects.get().pk
    for address in (
        reverse("measures:livelihood", query={"area": TOWN}),
        reverse("measures:household_livelihood", args=["9901"]),
        reverse("measures:enterprise", args=[enterprise_id]),
        reverse("measures:links", query={"area": TOWN}),
    ):
        client.get(address)
        with django_assert_max_num_queries(20, info=address):
            client.get(address)


@pytest.mark.usefixtures("lists")
def test_the_panel_of_a_household_takes_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    placed = register.household(local_admin(), "9901")
    with django_assert_num_queries(1):
        plan, panel = panels.household_panels(local_admin(), placed, date(2018, 12, 1))
    assert (plan.key, panel.key) == ("plan", "livelihood")
    lines = of_household(placed.village, placed.household.pk, 2018)[1]
    found = household(lines, date(2018, 12, 1), frozenset({"general"}))
    assert panel.content["found"] != found  # who sees all is told of the loan too
    assert isinstance(found, dict)
    assert (len(found["links"]), len(found["work"]), found["loans"]) == (1, 1, [])


@pytest.mark.usefixtures("lists")
def test_a_helper_sees_the_own_household_and_its_lists() -> None:
    user, _password = accounts.add_user(local_admin(), "helper", "a-long-password-1", must_change=False)
    accounts.grant(local_admin(), user, "helper", "household", Household.objects.get(code="9901").pk)
    client = signed_in(user)
    page = text(client, "measures:household_livelihood", "9901")
    assert "丰收合作社" in page
    assert "县农商行" not in page
    assert "9902" not in text(client, "measures:links")
