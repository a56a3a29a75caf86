"""Work, loans and relocation taken in, what is derived of them on a day, and workbooks written and taken in again."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import orjson
import pytest
from django.db import connection
from django.urls import reverse

from county import take
from people import account, signed_in
from rooms.measures.livelihood.lists import dividend, enterprise, link, loan, relocation, sheet, work
from tuopin.measures.livelihood import selectors, services
from tuopin.measures.models import Dividend, EnterpriseLink, EnterpriseRisk, EnterpriseVersion, Loan, Relocation, Work
from tuopin.platform.access import actor_for, grants_of, local_admin
from tuopin.platform.api import tokens
from tuopin.platform.problems import Missing, Problem
from tuopin.register.exporting import export_workbook
from tuopin.register.importing.services import import_paths
from tuopin.register.importing.undo import undo_import
from tuopin.register.models import AreaVersion, DataIssue, Import, Membership, RejectedRow

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("register")]

COUNTY = "990101000000"


def refused() -> list[str]:
    return sorted(RejectedRow.objects.values_list("reason", flat=True))


def test_work_is_that_of_members_old_enough_and_a_later_list_ends_it(tmp_path: Path) -> None:
    take(
        sheet(
            tmp_path / "a" / "务工.csv",
            work(),
            work(name="张小"),
            work(name="无名氏"),
            work("9902", "李四", 务工类型="", 务工企业名称="", 岗位名称="保洁员", 务工所在地="村内"),
            work(务工开始时间="2019-05-01"),
            work(务工类型="", 务工所在地="火星", 务工企业名称="乙厂"),
            work(**{"务工月收入（元）": "很多", "务工企业名称": "丙厂"}),
            title="务工",
        )
    )
    assert refused() == ["person_not_member", "start_in_future", "work_kind_unknown", "work_too_young"]
    found = Work.objects.order_by("pk").values_list("person__code", "kind", "place", "wage", "contract")
    assert list(found) == [
        ("990101", "away", "outside", 350_000, True),
        ("990201", "public_post", "township", 350_000, True),
        ("990101", "away", "outside", None, True),
    ]
    codes = set(DataIssue.objects.filter(kind="work").values_list("code", "subject"))
    assert codes == {("work_too_young", "9901"), ("bad_number", "9901")}
    ended = work(务工开始时间="", 务工结束时间="2018-12-15", 是否返乡="是", 返乡原因="厂里停工")
    report = take(sheet(tmp_path / "b" / "务工.csv", ended, title="务工", day="2018-12-31"))
    held = Work.objects.get(employer="某电子厂", superseded_at=None)
    assert (held.valid_from, held.valid_to, held.returned, held.end_reason) == (
        date(2018, 3, 1), date(2018, 12, 16), True, "厂里停工",
    )  # fmt: skip
    assert report.import_id is not None
    undo_import(local_admin(), report.import_id)
    assert Work.objects.get(employer="某电子厂").valid_to is None


def test_work_counts_as_a_channel_and_follows_the_member(tmp_path: Path) -> None:
    take(
        sheet(
            tmp_path / "务工.csv",
            work(),
            work(务工企业名称="乙厂"),
            work(务工类型="公益岗位", 岗位名称="保洁员"),
            title="务工",
        )
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT CAST(as_of AS text), income_channels FROM measures_household_channels ORDER BY 1")
        assert cursor.fetchall() == [("2018-12-01", 2)]  # from the first day of membership; two jobs are one way


def test_loans_are_overdue_or_due_soon_on_a_day(tmp_path: Path) -> None:
    take(sheet(tmp_path / "贷款.csv", loan(), loan(合同号="L2", 到期日期="", 使用方式="户贷企用"), title="贷款"))
    admin = local_admin()

    def states(day: date) -> list[str]:
        return list(selectors.loans(admin, None, day).order_by("pk").values_list("state", flat=True))

    for day, expected in ((date(2018, 10, 20), "running"), (date(2018, 10, 21), "due60"), (date(2018, 11, 20), "due30"),
                          (date(2018, 12, 20), "due30"), (date(2018, 12, 21), "overdue")):  # fmt: skip
        assert states(day) == [expected, "unknown"], day
    row = Loan.objects.get(number="L1")
    assert (row.amount, row.rate, row.use, row.due) == (5_000_000, 435, "own", date(2018, 12, 20))
    assert Loan.objects.get(number="L2").use == "lent_on"
    take(
        sheet(
            tmp_path / "b" / "贷款.csv", loan(还清日期="2018-12-15", 已还金额="50000"), title="贷款", day="2018-12-20"
        )
    )
    assert states(date(2018, 12, 21)) == ["unknown", "repaid"]


def test_an_answer_on_relocation_holds_until_there_is_another(tmp_path: Path) -> None:
    take(sheet(tmp_path / "a" / "搬迁.csv", relocation(), title="搬迁"))
    later = relocation(
        旧房拆除情况="",
        是否有人就业="否",
        就学是否落实="",
        就医是否方便="",
        原村承包地="",
        户籍仍在原村="",
        核实来源="电话",
    )
    take(sheet(tmp_path / "b" / "搬迁.csv", later, later, title="搬迁", day="2018-12-20"))
    assert refused() == ["relocation_twice"]
    new = Relocation.objects.get(as_of=date(2018, 12, 20))
    assert (new.has_job, new.job_on, new.job_source) == (False, date(2018, 12, 20), "电话")
    assert (new.has_school, new.school_on, new.school_source) == (True, date(2018, 12, 1), "村干部回访")
    assert (new.old_house, new.land_there, new.year) == ("standing", True, 2018)
    take(sheet(tmp_path / "c" / "搬迁.csv", later, title="搬迁", day="2018-12-20"))
    assert Relocation.objects.count() == 2


KINDS = (
    ("enterprise", "带贫主体名册", EnterpriseVersion),
    ("enterprise_link", "联结", EnterpriseLink),
    ("dividend", "分红", Dividend),
    ("work", "务工", Work),
    ("loan", "贷款", Loan),
    ("relocation", "搬迁", Relocation),
)


def test_what_is_written_can_be_taken_in_again_and_changes_nothing(tmp_path: Path) -> None:
    nasty = "=cmd|' /C calc'!A0"
    take(sheet(tmp_path / "1.csv", enterprise(经营状况="风险", 风险原因=nasty), title="带贫主体名册"))
    take(sheet(tmp_path / "2.csv", link(合同编号=nasty, 股份比例="2.5%"), title="联结"))
    take(sheet(tmp_path / "3.csv", dividend(**{"实际分红金额（元）": "600"}), title="分红"))
    take(sheet(tmp_path / "4.csv", work(), title="务工"))
    take(sheet(tmp_path / "5.csv", loan(), title="贷款"))
    take(sheet(tmp_path / "6.csv", relocation(), title="搬迁"))
    assert refused() == []
    for kind, _title, model in KINDS:
        path = tmp_path / f"{kind}.xlsx"
        assert export_workbook(local_admin(), path, kind=kind, on=date(2018, 12, 1)) == 1, kind
        before = list(model.objects.values())
        report = take(path)
        assert list(model.objects.values()) == before, kind
        assert [count for name, count in report.document()["rows"].items() if name == "rejected"] in ([], [0]), kind
    assert EnterpriseRisk.objects.count() == 1
    assert EnterpriseLink.objects.get().contract == nasty


def test_an_export_of_loans_needs_the_class_and_one_of_relocation_leaves_schooling_out(tmp_path: Path) -> None:
    take(sheet(tmp_path / "5.csv", loan(), title="贷款"))
    take(sheet(tmp_path / "6.csv", relocation(), title="搬迁"))
    actor = actor_for(account("clerk", "county", COUNTY))
    with pytest.raises(Problem, match="class_closed"):
        export_workbook(actor, tmp_path / "x.xlsx", kind="loan", on=date(2018, 12, 1))
    assert export_workbook(actor, tmp_path / "y.xlsx", kind="relocation", on=date(2018, 12, 1)) == 1
    RejectedRow.objects.all().delete()
    Relocation.objects.all().delete()
    take(tmp_path / "y.xlsx")
    row = Relocation.objects.get()
    assert (row.has_school, row.has_job) == (None, True)


def test_who_lacks_the_class_learns_nothing_by_taking_in_loans(tmp_path: Path) -> None:
    take(sheet(tmp_path / "a" / "贷款.csv", loan(), title="贷款"))
    clerk = actor_for(account("clerk", "county", COUNTY))
    asked = sheet(tmp_path / "b" / "贷款.csv", loan(), loan("9902"), title="贷款")
    report = import_paths(clerk, [asked], dry_run=True)
    assert report.document()["rows"] == {"created": 0, "updated": 0, "unchanged": 0, "rejected": 2, "waiting": 0}
    opened = actor_for(account("banker", "county", COUNTY, "bank"))
    assert import_paths(opened, [asked], dry_run=True).document()["rows"]["created"] == 1


def test_which_loans_went_back_is_told_to_whom_the_class_is_open(tmp_path: Path) -> None:
    other = sheet(tmp_path / "务工.csv", work(姓名="无名"), title="务工")
    done = take(sheet(tmp_path / "贷款.csv", loan(), loan(), title="贷款"), other)
    Import.objects.filter(pk=done.import_id).update(path=AreaVersion.objects.get(code=COUNTY, valid_to=None).path)
    page = reverse("register:import", args=[done.import_id])
    closed = signed_in(account("clerk6", "county", COUNTY)).get(page).content.decode()
    assert "贷款.csv</td>" not in closed
    assert "只告诉导入人" in closed
    assert "务工.csv</td>" in closed
    opened = signed_in(account("bank6", "county", COUNTY, "bank")).get(page).content.decode()
    assert "贷款.csv</td>" in opened


def test_ending_work_of_somebody_who_lives_nowhere_is_refused(tmp_path: Path) -> None:
    take(sheet(tmp_path / "务工.csv", work(), title="务工"))
    Membership.objects.filter(person__code="990101").update(valid_to=date(2018, 12, 20))
    other = actor_for(account("clerk", "township", "990101101000"))
    with pytest.raises(Missing):
        services.end_rows(other, Work, [Work.objects.get().pk], date(2018, 12, 1))


def program(*classes: str) -> Client:
    """A client that shows a token of a county clerk."""
    user = account(f"token{len(classes)}", "county", COUNTY, *classes)
    actor = actor_for(user)
    _row, secret = tokens.make_token(
        actor, "t", grants=[grant.pk for grant in grants_of(actor)],
        permissions=[each.name for each in tokens.offered(actor)], days=1,
    )  # fmt: skip
    client = signed_in(user)
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


def test_programs_read_and_record(tmp_path: Path) -> None:
    take(sheet(tmp_path / "1.csv", enterprise(), title="带贫主体名册"))
    take(sheet(tmp_path / "5.csv", loan(), title="贷款"))
    client = program()
    found = client.get(reverse("api:enterprises"), {"area": COUNTY, "column": ["name", "number"]}).json()
    number = found["rows"][0]["number"]
    body = {
        "links": [{"household": "9901", "enterprise": number, "form": "shares", "since": "2018-06-01", "agreed": 5}]
    }

    def post(name: str, document: object) -> int:
        answer = client.post(reverse(f"api:{name}"), orjson.dumps(document), content_type="application/json")
        return answer.status_code

    assert post("record_links", body) == 201
    assert post("record_links", {"links": body["links"] * 2}) == 400
    again = {"links": [body["links"][0] | {"since": "2018-07-01"}]}
    assert post("record_links", again) == 400
    for change in ({"household": "9999"}, {"enterprise": "E9"}):
        assert post("record_links", {"links": [again["links"][0] | change]}) == 404
    job = {"household": "9901", "person": "990101", "kind": "local", "employer": "甲厂", "since": "2018-06-01"}
    assert post("record_work", {"work": [job]}) == 201
    assert post("record_work", {"work": [job | {"person": "990102"}]}) == 400
    assert post("record_work", {"work": [job | {"person": "990201"}]}) == 404
    assert (EnterpriseLink.objects.count(), Work.objects.count()) == (1, 1)
    whole = client.get(reverse("api:household_livelihood", args=["9901"])).json()
    assert ([line["what"] for line in whole["lines"]], whole["loans_open"]) == (["link", "work"], False)
    assert client.get(reverse("api:loans"), {"area": COUNTY}).status_code == 403
    assert client.get(reverse("api:links"), {"area": COUNTY}).json()["count"] == 1


def test_work_that_ended_without_a_known_first_day_comes_in_unchanged(tmp_path: Path) -> None:
    take(sheet(tmp_path / "a.csv", work(务工开始时间=""), title="务工", day="2018-06-01"))
    ended = sheet(tmp_path / "b.csv", work(务工开始时间="", 务工结束时间="2018-10-15"), title="务工", day="2018-10-01")
    take(ended)
    assert Work.objects.get(superseded_at=None).valid_to == date(2018, 10, 16)
    later = sheet(tmp_path / "c.csv", work(务工开始时间="", 务工结束时间="2018-10-15"), title="务工", day="2018-12-01")
    take(later)
    assert (Work.objects.count(), refused()) == (2, [])


def test_who_lacks_the_class_of_children_neither_says_nor_learns_of_schooling(tmp_path: Path) -> None:
    take(sheet(tmp_path / "a.csv", relocation(), title="易地搬迁台账"))
    county = actor_for(account("county3", "county", COUNTY))
    import_paths(
        county, [sheet(tmp_path / "b.csv", relocation(就学是否落实="否"), title="易地搬迁台账", day="2018-12-05")]
    )
    assert {(row.has_school, str(row.school_on)) for row in Relocation.objects.all()} == {(True, "2018-12-01")}
    assert set(DataIssue.objects.values_list("code", "value")) == {("school_closed", "")}


def test_what_was_paid_after_the_day_of_an_export_is_not_told_of_it(tmp_path: Path) -> None:
    paid = dividend(实际分红日期="2018-12-20", **{"实际分红金额（元）": "1200"})
    take(
        sheet(tmp_path / "e.csv", enterprise(), title="带贫主体名册"),
        sheet(tmp_path / "l.csv", link(), title="带贫联结台账"),
        sheet(tmp_path / "d.csv", paid, title="分红兑现台账", day="2018-12-31"),
        sheet(tmp_path / "loan.csv", loan(还清日期="2018-12-20"), title="小额信贷台账", day="2018-12-31"),
        as_of=date(2018, 12, 31),
    )
    assert (Dividend.objects.get().paid, str(Loan.objects.get().repaid_on)) == (120_000, "2018-12-20")
    for kind in ("dividend", "loan"):
        assert export_workbook(local_admin(), tmp_path / f"{kind}.xlsx", kind=kind, on=date(2018, 12, 1)) == 1
    take(tmp_path / "dividend.xlsx", tmp_path / "loan.xlsx")
    assert (refused(), Dividend.objects.count(), Loan.objects.count()) == ([], 1, 1)
