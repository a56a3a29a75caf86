"""What a problem that came from a petition says is read by the petition office and by who may act upon it, wherever it
stands: whoever else sees that there is one reads a neutral title."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone

from people import signed_in
from rooms.orders.office import BEGIN
from rooms.orders.test_ledger_import import ON, city, row, take
from tuopin.duties.organisations import services as organisations
from tuopin.orders import reach, words
from tuopin.orders import selectors as matters
from tuopin.orders.models import HungSign, Matter
from tuopin.orders.services import SubjectRef
from tuopin.platform.access import Limits, actor_for, grants_of, local_admin
from tuopin.platform.models import User
from tuopin.register.exporting import export_workbook
from tuopin.register.importing.services import import_paths
from tuopin.register.models import RejectedRow

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client

    from rooms.orders.office import Offices

__all__ = ["city"]
pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "王某反映村干部"


def petition(city: Offices, number: str = "9") -> Matter:
    """A problem that says in every field what somebody complained about."""
    made = city.issued(
        timezone.now(), title=f"{SECRET}甲", text=f"{SECRET}乙", basis=f"{SECRET}丙", root_cause=f"{SECRET}丁",
        measure=f"{SECRET}戊", source="petition", area_id=city.village.area_id,
        subjects=(SubjectRef("household", city.here[0].pk),), label=number,
    )  # fmt: skip
    city.act(city.department(), "receive", made, timezone.now())
    return city.act(city.department(), "progress", made, timezone.now(), note=f"{SECRET}己", reference=f"{SECRET}庚")


def reader(city: Offices, role: str, name: str) -> Client:
    return signed_in(city.account(name, role, "area", city.city.area_id))


def pages(city: Offices, made: Matter) -> dict[str, str]:
    here = {"area": city.city.code}
    return {
        "list": reverse("orders:matters", query=here), "board": reverse("orders:board", query=here),
        "ledger": reverse("orders:ledger", query=here), "report": reverse("orders:ledger_report", query=here),
        "matter": reverse("orders:matter", args=[made.pk]), "papers": reverse("orders:papers", args=[made.pk]),
        "household": reverse("console:household", args=[city.here[0].code]),
        "way": reverse("cycle:trace", args=[city.here[0].code]), "inbox": reverse("orders:inbox"),
    }  # fmt: skip


def test_no_page_tells_what_a_petition_said(city: Offices) -> None:
    made = petition(city)
    client = reader(city, "auditor", "auditor")
    for name, address in pages(city, made).items():
        answer = client.get(address, follow=True)
        assert answer.status_code == 200, name
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert SECRET not in body.decode(), name
        if name in {"list", "board", "ledger", "report", "matter"}:
            assert words.NEUTRAL in body.decode(), name
    assert Matter.objects.get(pk=made.pk).title == f"{SECRET}甲", "nothing was written over"


def test_the_petition_office_and_who_may_act_upon_it_read_it(city: Offices) -> None:
    made = petition(city)
    office, holder = reader(city, "petition_office", "letters"), signed_in(User.objects.get(username="teacher"))
    assert SECRET in holder.get(reverse("orders:matter", args=[made.pk])).content.decode()
    assert SECRET in holder.get(reverse("orders:inbox")).content.decode()
    for role in ("headquarters", "inspector"):
        answer = reader(city, role, role).get(reverse("orders:matter", args=[made.pk]))
        assert SECRET in answer.content.decode(), f"{role}: nobody closes or verifies what they cannot read"
    assert words.cover(actor_for(User.objects.get(username="letters")), [made]) == frozenset()
    assert made.title == f"{SECRET}甲"
    assert office.get(reverse("orders:matter", args=[made.pk])).status_code in {200, 404}


def test_whoever_may_act_for_a_unit_of_the_place_reads_what_it_holds(city: Offices) -> None:
    """The clerk of a village signs for what a station there holds, which is not the village committee."""
    village = city.village.area_id
    station = organisations.found_organisation(local_admin(), "村水管站", "department", area_id=village, day=BEGIN)
    made = city.issued(timezone.now(), title=SECRET, source="petition", holder_id=station, area_id=village)
    clerk = city.account("station", "village", "area", village)
    address = reverse("orders:matter", args=[made.pk])
    assert reach.hands(actor_for(clerk), [made])[made.pk] == {"holder"}
    assert SECRET in signed_in(clerk).get(address).content.decode()
    assert SECRET in signed_in(clerk).get(reverse("orders:inbox")).content.decode()


def test_who_issues_over_the_place_alone_reads_a_neutral_title(city: Offices) -> None:
    """A department over the township neither issued, holds nor verifies what the city gave to the county."""
    town = city.village.parent_id
    assert town is not None
    made = petition(city)
    for number, (role, area) in enumerate((("department", town), ("village", city.village.area_id))):
        user = city.account(f"reader{number}", role, "area", area)
        answer = signed_in(user).get(reverse("orders:matter", args=[made.pk]))
        assert reach.hands(actor_for(user), [made])[made.pk] == frozenset()
        assert words.NEUTRAL in answer.content.decode(), role
        assert SECRET not in answer.content.decode(), role


def test_words_are_read_by_exactly_those_who_may_act(city: Offices) -> None:
    """Every role over every kind of place, of matters held and issued here, above and elsewhere."""
    town = city.village.parent_id
    assert town is not None
    now = timezone.now()
    places = {"town": town, "county": city.county.area_id, "village": city.village.area_id}
    rows = [
        city.issued(now, title=SECRET, source="petition", area_id=area, holder_id=holder)
        for area in places.values()
        for holder in (city.education, city.township, city.elsewhere, city.city_education)
    ]
    for role in ("department", "village", "township", "inspector", "auditor", "discipline"):
        for name, area in places.items():
            actor = actor_for(city.account(f"{role}{name}", role, "area", area))
            hands = reach.hands(actor, rows)
            seen = set(matters.matters(actor).filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
            closed = words.closed(actor, rows)
            assert {row.pk for row in rows if row.pk in seen and not hands[row.pk]} <= closed, (role, name)
            assert not {row.pk for row in rows if row.pk in seen and hands[row.pk]} & closed, (role, name)


def test_merged_into_another_its_papers_are_told_no_further(city: Offices) -> None:
    made = petition(city)
    into = city.issued(timezone.now(), title="三名学生未在校", area_id=city.village.area_id)
    city.act(city.city_office(), "merge", made, timezone.now(), into_id=into.pk, note="同一件")
    address = reverse("orders:matter", args=[into.pk])
    told = reader(city, "auditor", "auditor").get(address).content.decode()
    assert words.NEUTRAL in told
    assert SECRET not in told
    assert f"{SECRET}庚" in reader(city, "headquarters", "chief").get(address).content.decode()


def test_the_household_page_tells_nobody_else_of_it(city: Offices) -> None:
    """Neither its words nor that there is one: it would tell whom the petition is about."""
    made = petition(city)
    address = reverse("orders:matter", args=[made.pk])
    client = reader(city, "auditor", "auditor")
    for name in ("household", "way"):
        assert address not in client.get(pages(city, made)[name]).content.decode()


def test_a_ledger_written_by_somebody_else_says_nothing_and_changes_nothing(city: Offices, tmp_path: Path) -> None:
    take(tmp_path, row("1"), row("9", 问题来源="信访", 存在问题=SECRET, 整改措施=SECRET, 整改进展=SECRET))
    clerk, out = city.clerk(), tmp_path / "out.xlsx"
    granted = frozenset(each.pk for each in grants_of(clerk))
    program = replace(clerk, limits=Limits(0, granted, frozenset({"register.export_households", "orders.view_matter"})))
    assert export_workbook(program, out, kind="rectification", on=ON) == 2
    before = list(Matter.objects.order_by("pk").values_list("pk", "title", "version", "text__text", "text__measure"))
    import_paths(clerk, [out], as_of=ON)
    now = list(Matter.objects.order_by("pk").values_list("pk", "title", "version", "text__text", "text__measure"))
    assert now == before
    whole = tmp_path / "whole.xlsx"
    export_workbook(local_admin(), whole, kind="rectification", on=ON)
    take(tmp_path, row("77", 问题来源="信访", 存在问题=words.NEUTRAL))
    assert list(RejectedRow.objects.values_list("subject", "reason")) == [("77", "ledger_blank")]
    from openpyxl import load_workbook

    def said(path: Path) -> str:
        return str([[cell.value for cell in line] for line in load_workbook(path).active.iter_rows()])

    assert SECRET not in said(out)
    assert words.NEUTRAL in said(out)
    assert SECRET in said(whole)


def sign_over(city: Offices, made: Matter, supervisor: int, state: str = "hanging", title: str = "辛") -> HungSign:
    return HungSign.objects.create(
        area_id=made.area_id, target="matter", matter=made, title=f"{SECRET}{title}", reason=f"{SECRET}壬",
        office_id=city.issuer, holder_id=city.education, supervisor_id=supervisor, hung_on=timezone.localdate(),
        ended_on=None if state == "hanging" else timezone.localdate(), criteria=[], figures={},
        key=f"matter:{made.pk}", state=state,
    )  # fmt: skip


def test_a_sign_over_it_is_read_by_who_may_and_by_who_has_a_part_in_it(city: Offices) -> None:
    """What a sign hangs for and what is asked tell what somebody complained about: in lists, panels, files and the API
    it is not there for others."""
    made = petition(city)
    sign = sign_over(city, made, city.official("督战人", city.issuer, "副主任"))
    one = reverse("orders:hung_sign", args=[sign.pk])
    every = [reverse("orders:hung", query={"area": city.city.code}), reverse("orders:matter", args=[made.pk]),
             reverse("console:area", args=[city.village.code])]  # fmt: skip
    closed = reader(city, "auditor", "auditor")
    assert closed.get(one).status_code == 404
    for address in every:
        assert f"{SECRET}辛" not in closed.get(address).content.decode()
    opened = reader(city, "headquarters", "boss")
    city.department()
    for client in (opened, signed_in(User.objects.get(username="teacher"))):
        assert f"{SECRET}壬" in client.get(one).content.decode()
    assert f"{SECRET}辛" in opened.get(every[0]).content.decode()
    Matter.objects.filter(pk=made.pk).update(source="audit")
    assert f"{SECRET}壬" in closed.get(one).content.decode()


def test_who_had_a_part_in_one_sign_over_it_reads_that_one_alone(city: Offices) -> None:
    made, user = petition(city), city.account("watcher", "auditor", "area", city.city.area_id)
    was = sign_over(city, made, city.official("督战甲", city.issuer, "副主任", user=user), "withdrawn")
    now = sign_over(city, made, city.official("督战乙", city.issuer, "主任"), title="癸")
    mine, theirs = (reverse("orders:hung_sign", args=[each.pk]) for each in (was, now))
    watcher = signed_in(user)
    told = watcher.get(mine).content.decode()
    assert f"{SECRET}壬" in told
    assert f"{SECRET}癸" not in told
    assert watcher.get(theirs).status_code == 404
    assert f"{SECRET}癸" in reader(city, "headquarters", "boss").get(mine).content.decode()
