"""Letters to who came, lists of the hotline, the paraphrase written later, erasing, commands."""

from __future__ import annotations

import csv
import io
import json
import time
from typing import Any

import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from rooms.orders.office import MONDAY, Offices, at
from rooms.orders.petitioners import (
    DAY,
    NOW,
    WHO,
    accepted,
    answered,
    client,
    intake,
    letter,
    notice,
    office,
    refused,
    taken,
    text,
    word_of,
)  # fmt: skip
from tuopin.orders.clock.tick import tick
from tuopin.orders.models import Matter, MatterText, NumberCounter, Petition, Petitioner, PetitionLetter, PetitionList
from tuopin.orders.petitions import cli, erasing, hotline, letters, revealing, sealed, services
from tuopin.orders.petitions.services import Wording, take_in
from tuopin.platform.access import system
from tuopin.platform.evidence import Kept
from tuopin.platform.home import make_home
from tuopin.platform.lists import recent
from tuopin.platform.models import AuditEntry, Evidence
from tuopin.platform.problems import Missing, Problem, Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> Offices:
    recent.forget()
    return Offices()


def problem(code: str, call: Any, *args: Any) -> None:
    with pytest.raises(Problem) as found:
        call(*args)
    assert found.value.code == code


# -- letters ------------------------------------------------------------------------------------------------------


def test_a_letter_is_numbered_sealed_and_read_by_the_office_alone(city: Offices) -> None:
    row = accepted(city)
    made = letter(city, row, "accepted", body="内容甲乙丙")
    assert (made.serial, made.year) == (1, 2018)
    assert NumberCounter.objects.get(word=made.word, year=2018).last == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM orders_petition_letter")
        rows = str(cursor.fetchall())
        assert WHO.name not in rows
        assert "内容甲乙丙" not in rows
    pdf, name = letters.printed(office(city), row.pk, made.pk)
    assert pdf.startswith(b"%PDF")
    assert name == f"letter-{made.pk}.pdf"
    for stranger in (city.department(), city.city_office(), city.inspector()):
        with pytest.raises(Missing):
            letters.printed(stranger, row.pk, made.pk)
    with pytest.raises(Missing):
        letters.printed(office(city), taken(city).pk, made.pk)
    assert not [1 for each in AuditEntry.objects.all() if WHO.name in str(each.detail)]


def test_a_letter_fits_what_was_done_and_stands_once(city: Offices) -> None:
    row = taken(city)
    problem("letter_not_now", letter, city, row, "accepted")
    row = city.act(office(city), "accept", row, NOW, holder_id=city.education)
    first = letter(city, row, "accepted")
    problem("letter_not_now", letter, city, row, "accepted")
    problem("letter_not_now", letter, city, row, "answered")
    letters.withdraw(office(city), row.pk, first.pk, NOW)
    assert letter(city, row, "accepted").serial == 2  # the number of the first stays taken
    problem("extension_long", notice, city, row, MONDAY + 91 * DAY)
    problem("extension_long", notice, city, row, MONDAY + 60 * DAY)
    for bad in ({"body": " "}, {"body": "甲" * 4001}, {"body": "还有××"}, {"day": MONDAY + DAY}, {"word_id": 2**70}):
        with pytest.raises(Problem):
            letter(city, row, "extended", **{"until": MONDAY + 88 * DAY, **bad})


def test_more_time_is_given_until_the_day_of_the_notice(city: Offices) -> None:
    row = city.act(city.department(), "receive", accepted(city), NOW)
    made = notice(city, row, MONDAY + 74 * DAY)
    refused("no_notice", city, "extend", row, limit=MONDAY + 77 * DAY)
    letters.withdraw(office(city), row.pk, made.pk, NOW)
    refused("no_notice", city, "extend", row, limit=MONDAY + 70 * DAY)
    notice(city, row, MONDAY + 79 * DAY)
    row = city.act(office(city), "extend", row, NOW, limit=MONDAY + 77 * DAY)
    assert row.limit_at == at(MONDAY + 78 * DAY, 0)


def test_the_days_to_ask_run_from_the_arrival_of_the_answer(city: Offices) -> None:
    row, lost = answered(city), answered(city)
    underway = letter(city, lost, "answered")
    made = letter(city, row, "answered")
    problem("bad_day", letters.arrived, office(city), row.pk, made.pk, MONDAY - DAY, "hand", NOW)
    problem("bad_day", letters.arrived, office(city), row.pk, made.pk, MONDAY + DAY, "hand", NOW)
    problem("bad_receipt", letters.arrived, office(city), row.pk, made.pk, MONDAY, "pigeon", NOW)
    letters.arrived(office(city), row.pk, made.pk, MONDAY + 5 * DAY, "post", NOW + 6 * DAY)
    problem("received_already", letters.arrived, office(city), row.pk, made.pk, MONDAY, "post", NOW + 6 * DAY)
    problem("received_already", letters.withdraw, office(city), row.pk, made.pk, NOW)
    tick(system(), NOW + 32 * DAY)
    assert Matter.objects.get(pk=row.pk).state == "closed"  # 30 days after the answer, 25 after it arrived
    row = city.act(office(city), "review", Matter.objects.get(pk=row.pk), NOW + 34 * DAY,
                   holder_id=city.government, note="不服")  # fmt: skip
    assert row.state == "review"
    tick(system(), NOW + 40 * DAY)  # an answer that is not known to have arrived: the days do not run
    assert Matter.objects.get(pk=lost.pk).state == "closed"
    letters.withdraw(office(city), lost.pk, underway.pk, NOW + 40 * DAY)
    tick(system(), NOW + 41 * DAY)
    assert Matter.objects.get(pk=lost.pk).state == "final"


def test_an_answer_sent_before_it_is_recorded_waits_too(city: Offices) -> None:
    row = city.act(city.department(), "receive", accepted(city), NOW)
    row = city.act(city.department(), "done", row, NOW, note="已公开")
    row = city.act(office(city), "verify", row, NOW, note="属实")
    made = letter(city, row, "answered")
    row = city.act(office(city), "answer", row, NOW, note="已寄出")
    assert Matter.objects.get(pk=row.pk).next_at is None
    letters.arrived(office(city), row.pk, made.pk, MONDAY, "post", NOW + DAY)
    assert Matter.objects.get(pk=row.pk).next_at == at(MONDAY + 31 * DAY, 0)


# -- the paraphrase -----------------------------------------------------------------------------------------------


def test_the_paraphrase_is_written_anew_until_it_is_accepted(city: Offices) -> None:
    row = taken(city)
    given = Wording("新题", "新的转述", "water", city.government)
    row = services.reword(office(city), row.pk, given, NOW, row.version)
    assert (row.title, MatterText.objects.get(pk=row.pk).text, row.category) == ("新题", "新的转述", "water")
    assert Petition.objects.get(pk=row.pk).about_organisation_id == city.government
    problem("changed_meanwhile", services.reword, office(city), row.pk, given, NOW, row.version - 1)
    problem("paraphrase_names", services.reword, office(city), row.pk, Wording("题", WHO.name), NOW)
    problem("names_petitioner", services.reword, office(city), row.pk, Wording("题", WHO.phone, sure=True), NOW)
    for bad in (Wording("", "文"), Wording("甲" * 201, "文"), Wording("题", " "), Wording("题", "文", "nonsense"),
                Wording("题", "甲" * 4001), Wording("题", "a\0b")):  # fmt: skip
        with pytest.raises(Problem):
            services.reword(office(city), row.pk, bad, NOW)
    for stranger in (city.department(), city.city_office()):
        with pytest.raises(Missing):
            services.reword(stranger, row.pk, given, NOW)
    refused("complained_about", city, "accept", row, holder_id=city.education)
    row = city.act(office(city), "accept", row, NOW, holder_id=city.city_education)
    problem("changed_meanwhile", services.reword, office(city), row.pk, given, NOW)


def test_the_same_form_twice_is_one_petition(city: Offices) -> None:
    first = take_in(office(city), intake(city, form="abc"), NOW)
    assert take_in(office(city), intake(city, form="abc"), NOW).pk == first.pk
    assert take_in(office(city), intake(city, form="abd"), NOW).pk != first.pk
    assert Petitioner.objects.count() == 2


# -- the hotline --------------------------------------------------------------------------------------------------

HEADS = ["工单编号", "来电时间", "来电人", "联系电话", "诉求内容", "类别", "所属乡镇", "被反映单位", "被反映人"]


def sheet(*rows: list[str], name: str = "名单诸葛.csv") -> SimpleUploadedFile:
    file = io.StringIO()
    csv.writer(file).writerows([HEADS, *rows])
    return SimpleUploadedFile(name, file.getvalue().encode())


def line(number: str, **more: str) -> list[str]:
    first = [number, MONDAY.isoformat(), "诸葛来电", "13911112222", "水管冻裂无人修", "饮水", "", "", ""]
    values = dict(zip(HEADS, first, strict=True))
    return list((values | more).values())


def test_a_list_becomes_petitions_sealed_and_only_once(city: Offices) -> None:
    rows = [line("A1"), line("A2", 诉求内容="=cmd|' /C calc'!A1"), line("A2"), line("A3", 来电时间="昨天"),
            line("A4", 来电时间="2016-01-01"), line("A5", 所属乡镇="无此镇"), line("", 来电人="无号")]  # fmt: skip
    made = hotline.take(office(city), city.county, sheet(*rows), NOW)
    assert (made.taken, made.known, sorted(row for row, _why in made.refused)) == (2, 1, [5, 6, 7, 8])
    again = hotline.take(office(city), city.county, sheet(*rows), NOW)
    assert (again.row, again.taken, again.known) == (None, 0, 3)
    petition = Petition.objects.select_related("petitioner", "matter").order_by("pk").first()
    assert petition is not None
    who = sealed.unsealed(petition.petitioner)
    assert (who.name, who.phone) == ("诸葛来电", "13911112222")
    assert "A1" in who.words
    assert (petition.channel, petition.matter.state, petition.matter.category) == ("hotline", "draft", "water")
    assert petition.matter.limit_at == at(MONDAY + 16 * DAY, 0)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            said = str(cursor.fetchall())
            assert not [each for each in ("诸葛来电", "13911112222", "水管冻裂", "名单诸葛", "calc") if each in said]
    assert not list((make_home() / "staging").glob("hotline-*"))
    refused("no_paraphrase", city, "accept", petition.matter, holder_id=city.education)
    services.reword(office(city), petition.pk, Wording("供水问题", "来电人要求修理水管。"), NOW)
    city.act(office(city), "accept", Matter.objects.get(pk=petition.pk), NOW, holder_id=city.education)


def test_times_as_hotlines_write_them_are_days(city: Offices) -> None:
    times = ("2018年6月11日 9时30分", "2018-06-11 上午9:30", "2018/6/11 下午 3:05", "2018年6月11日21时05分20秒")
    rows = [line(f"T{at}", 来电时间=time) for at, time in enumerate(times)]
    made = hotline.take(office(city), city.county, sheet(*rows), NOW)
    assert (made.taken, made.refused) == (4, [])
    assert set(Petition.objects.values_list("received_on", flat=True)) == {MONDAY}
    entry = AuditEntry.objects.get(action="orders.take_hotline_list")
    assert json.loads(entry.detail) == {"taken": "<5", "known": 0, "refused": 0}


def test_a_row_that_names_whom_it_is_about_goes_to_nobody_before_that_is_known(city: Offices) -> None:
    city.official("钱被告", city.education)
    rows = [line("B1", 被反映单位="县教育局", 被反映人="钱被告"), line("B2", 被反映单位="某某局"),
            line("B3", 被反映人="不知何人"), line("B4", 被反映单位="邻县教育局")]  # fmt: skip
    made = hotline.take(office(city), city.county, sheet(*rows), NOW)
    assert (made.taken, made.unnamed) == (4, 2)
    first, second, third, fourth = Petition.objects.order_by("pk")
    assert first.about_organisation_id == city.education
    assert first.about_official is not None
    assert (second.about_open, third.about_open, fourth.about_open) == (True, True, False)
    assert fourth.about_organisation_id == city.elsewhere
    assert "某某局" in sealed.unsealed(second.petitioner).words
    for each in (second, third):
        services.reword(office(city), each.pk, Wording("题", "转述"), NOW)
        refused("about_open", city, "accept", Matter.objects.get(pk=each.pk), holder_id=city.education)
    services.reword(office(city), second.pk, Wording("题", "转述", "", city.education), NOW)
    refused("complained_about", city, "accept", Matter.objects.get(pk=second.pk), holder_id=city.education)
    services.reword(office(city), third.pk, Wording("题", "转述", nobody=True), NOW)
    city.act(office(city), "accept", Matter.objects.get(pk=third.pk), NOW, holder_id=city.education)


def test_a_list_is_taken_back_whole_as_long_as_nothing_was_done(city: Offices) -> None:
    made = hotline.take(office(city), city.county, sheet(line("C1"), line("C2")), NOW)
    assert made.row is not None
    far = city.actor("far", "petition_office", "area", city.other.area_id)
    with pytest.raises(Missing):
        hotline.take_back(far, made.row.pk, NOW)
    with pytest.raises(Refused):
        hotline.take_back(city.city_office(), made.row.pk, NOW)
    with pytest.raises(Refused):
        hotline.take(city.city_office(), city.county, sheet(line("C9")), NOW)
    assert hotline.take_back(office(city), made.row.pk, NOW) == 2
    assert set(Matter.objects.filter(kind="petition").values_list("state", flat=True)) == {"withdrawn"}
    problem("undone_already", hotline.take_back, office(city), made.row.pk, NOW)
    again = hotline.take(office(city), city.county, sheet(line("C1"), line("C2")), NOW)
    assert again.taken == 2
    assert again.row is not None
    one = Petition.objects.filter(batch=again.row).first()
    assert one is not None
    services.reword(office(city), one.pk, Wording("题", "转述"), NOW)
    problem("dealt_with", hotline.take_back, office(city), again.row.pk, NOW)


def test_what_is_no_list_is_refused_in_words(city: Offices) -> None:
    for file in (
        SimpleUploadedFile("a.csv", b""), SimpleUploadedFile("a.xlsx", b"PK\x03\x04junk"),
        SimpleUploadedFile("a.csv", "甲,乙\n1,2\n".encode()), sheet(), SimpleUploadedFile("a.exe", b"MZ\0\0"),
    ):  # fmt: skip
        with pytest.raises(Problem):
            hotline.take(office(city), city.county, file, NOW)
    assert not PetitionList.objects.exists()
    assert not list((make_home() / "staging").glob("hotline-*"))
    left = make_home() / "staging" / "hotline-cut-off"  # by a kill
    left.mkdir()
    (left / "list.csv").write_text("诸葛来电", "utf-8")
    assert hotline.purge() == 0
    assert hotline.purge(time.time() + 3600) == 1
    assert not left.exists()


# -- erasing ------------------------------------------------------------------------------------------------------


def test_who_came_is_erased_when_the_time_is_over_and_the_fact_stays(city: Offices) -> None:
    row = answered(city)
    about = {"about": "matter", "about_id": row.pk, "day": MONDAY, "at": NOW, "actor": "teacher"}
    Evidence.objects.create(item="done", digest="2" * 64, name="诸葛隐名的答复.pdf", form="pdf", size=1, **about)
    row = city.act(office(city), "satisfied", row, NOW)
    city.act(city.department(), "receive", accepted(city), NOW)
    made = letter(city, answered(city), "answered")
    scan = (Kept("1" * 64, "来信.pdf", "pdf", 1),)
    old = city.act(office(city), "decline", taken(city), NOW, note="不属于", papers=scan)
    void = city.act(office(city), "void", taken(city), NOW, note="误登")
    assert not erasing.due(office(city), NOW + 20 * DAY).exists()
    assert [each.pk for each in erasing.due(office(city), NOW + 31 * DAY)] == [void.pk]
    later = NOW + 1827 * DAY
    assert {each.pk for each in erasing.due(office(city), later)} == {row.pk, old.pk, void.pk}
    far = city.actor("far", "petition_office", "area", city.other.area_id)
    assert erasing.erase(far, later) == 0
    with pytest.raises(Refused):
        erasing.erase(city.city_office(), later)
    assert erasing.erase(office(city), later) == 3
    assert erasing.erase(office(city), later) == 0
    assert set(Petitioner.objects.filter(sealed="").values_list("pk", flat=True)) == {row.pk, old.pk, void.pk}
    assert not Evidence.objects.filter(about_id__in=[old.pk, row.pk]).exists()  # the holder's may name who came, too
    assert Matter.objects.get(pk=row.pk).title == row.title
    problem("petitioner_erased", revealing.reveal, office(city), row.pk, "ask", "")
    assert PetitionLetter.objects.get(pk=made.pk).sealed
    entry = AuditEntry.objects.filter(action="orders.erase_petitioners").get()
    assert json.loads(entry.detail) == {"petitions": "<5", "files": "<5", "papers": 0}
    assert entry.digest  # of the files that went


def test_an_earlier_one_is_kept_as_long_as_its_affair_is_open(city: Offices) -> None:
    first = city.act(office(city), "satisfied", answered(city), NOW)
    taken(city, repeats=first.pk)
    assert not erasing.due(office(city), NOW + 3000 * DAY).exists()


def test_commands_tell_counts_and_numbers_alone(city: Offices) -> None:
    for _each in range(4):
        taken(city)
    row = city.act(office(city), "decline", taken(city), NOW, note="不属于")
    said = json.loads(CliRunner().invoke(cli.petitions, ["counts", "--json"]).output)
    assert said == {"states": {"draft": 4, "final": 1}}
    due = json.loads(CliRunner().invoke(cli.petitions, ["due", "--json"]).output)["petitions"]
    assert [each["late"] for each in due] == [True] * 4
    assert row.title not in CliRunner().invoke(cli.petitions, ["due"]).output
    assert json.loads(CliRunner().invoke(cli.petitions, ["erase", "--json"]).output) == {"due": 1}
    assert json.loads(CliRunner().invoke(cli.petitions, ["erase", "--yes", "--json"]).output) == {"erased": 1}


# -- pages --------------------------------------------------------------------------------------------------------


def test_the_pages_of_letters_lists_and_erasing(city: Offices, django_assert_max_num_queries: Any) -> None:
    now = timezone.now()
    row = taken(city, now)
    word = word_of(city)
    browser, page = client("petitions"), reverse("orders:petition", args=[row.pk])
    bad = browser.post(page, {"do": "wording", "title": "题", "text": f"{WHO.name}说"})
    assert bad.status_code == 400
    assert 'name="sure"' in text(bad)
    good = {"do": "wording", "title": "题", "text": "转述", "seen": row.version}
    assert browser.post(page, good).status_code == 302
    city.act(office(city), "accept", Matter.objects.get(pk=row.pk), now, holder_id=city.education)
    new = reverse("orders:petition_letter", args=[row.pk], query={"kind": "accepted"})
    assert "决定予以受理" in text(browser.get(new))
    assert browser.get(reverse("orders:petition_letter", args=[row.pk], query={"kind": "x"})).status_code == 200
    assert browser.post(reverse("orders:petition_letter", args=[row.pk]), {"kind": "x"}).status_code == 302
    assert not PetitionLetter.objects.exists()
    form = {"kind": "accepted", "body": "已受理。", "word": word}
    assert browser.post(new, {**form, "body": "××"}).status_code == 400
    assert browser.post(new, form).status_code == 302
    made = PetitionLetter.objects.get()
    with django_assert_max_num_queries(20):
        assert "未登记送达" in text(browser.get(page))
    pdf = browser.post(page, {"do": "print", "letter": made.pk})
    assert pdf["Content-Type"] == "application/pdf"
    assert "no-store" in pdf["Cache-Control"]
    arrival = {"do": "arrived", "letter": made.pk, "received_on": timezone.localdate().isoformat(), "how": "hand"}
    assert browser.post(page, {**arrival, "received_on": "9999-12-31"}).status_code == 400
    assert browser.post(page, arrival).status_code == 302
    assert browser.post(page, {"do": "print", "letter": "9" * 40}).status_code == 404
    lists = reverse("orders:hotline", query={"area": city.county.code})
    day = timezone.localdate().isoformat()
    sent = {"do": "take", "file": sheet(line("D1", 来电时间=day), line("D2", 来电时间="x"))}
    answer = text(browser.post(lists, sent))
    assert "登记 1 件" in answer
    assert "诸葛" not in answer
    assert browser.post(lists, {"do": "take"}).status_code == 400
    with django_assert_max_num_queries(20):
        assert browser.get(lists).status_code == 200
    assert browser.post(lists, {"do": "undo", "list": PetitionList.objects.get().pk}).status_code == 302
    assert browser.get(reverse("orders:petition_erasing")).status_code == 200
    city.department()
    other = client("teacher")
    for address in (new, page, lists, reverse("orders:petition_erasing")):
        assert other.get(address).status_code in {403, 404}
