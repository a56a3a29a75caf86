"""Papers of matters: who writes and reads them, what is frozen at issue, withdrawal, receipts, replies, files."""

from __future__ import annotations

import datetime
import io
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from docx import Document

from printed import pages, words
from rooms.orders.office import MONDAY, Offices, at
from tuopin.orders.models import Matter, NumberCounter, OrderPaper, PaperRecipient
from tuopin.orders.papers import content, files, issuing, numbers, selectors, services
from tuopin.orders.papers.content import Written
from tuopin.orders.papers.services import Draft
from tuopin.platform import evidence
from tuopin.platform.access import Actor, local_admin
from tuopin.platform.models import AuditEntry, Evidence
from tuopin.platform.problems import Missing, Problem, Refused

pytestmark = pytest.mark.django_db
NOW = at(MONDAY)
WORDS = Written("关于三名学生返校的指令", "一、立即劝返。\n三日内办结。", mandate="市脱贫攻坚领导小组", urgency="特急")


@pytest.fixture
def city() -> Offices:
    return Offices()


def draft(city: Offices, matter: Matter, **more: Any) -> Draft:
    values: dict[str, Any] = {
        "matter_id": matter.pk, "kind": "directive", "issuer_id": city.issuer, "words": WORDS,
        "recipients": ((city.education, "to"), (city.discipline, "reported")),
    }  # fmt: skip
    return Draft(**values | more)


def written(city: Offices, **more: Any) -> OrderPaper:
    return services.write(city.city_office(), draft(city, city.issued(NOW), **more), NOW)


def word_of(city: Offices, actor: Actor | None = None, organisation: int | None = None, word: str = "市扶办") -> int:
    return numbers.add_word(actor or city.city_office(), organisation or city.issuer, word).pk


def issued(city: Offices, **more: Any) -> OrderPaper:
    row = written(city, **more)
    [row] = issuing.issue(city.city_office(), {row.pk: row.version}, word_of(city), MONDAY, NOW)
    return row


def refused(code: str, call: Any, *args: Any, **given: Any) -> None:
    tables = (OrderPaper, PaperRecipient, NumberCounter)
    before = [list(table.objects.values().order_by("pk")) for table in tables]
    with pytest.raises(Problem) as found:
        call(*args, **given)
    assert found.value.code == code, found.value
    assert [list(table.objects.values().order_by("pk")) for table in tables] == before


# -- writing ------------------------------------------------------------------------------------------------------


def test_a_draft_is_written_changed_and_thrown_away_without_a_number(city: Offices) -> None:
    row = written(city)
    assert (row.state, row.serial, row.version) == ("draft", None, 1)
    again = draft(city, row.matter, words=Written("新标题", "正文"), recipients=((city.government, "to"),))
    row = services.rewrite(city.city_office(), row.pk, again, 1, NOW)
    assert [each.organisation_id for each in selectors.recipients_of([row.pk])] == [city.government]
    refused("changed_meanwhile", services.rewrite, city.city_office(), row.pk, again, 1, NOW)
    services.discard(city.city_office(), row.pk, 2)
    refused("not_a_draft", services.rewrite, city.city_office(), row.pk, again, 3, NOW)
    assert selectors.of_matter(city.city_office(), row.matter_id) == []
    assert not NumberCounter.objects.exists()


def test_directives_are_written_by_the_issuer_and_replies_by_the_holder(city: Offices) -> None:
    matter = city.issued(NOW)
    refused("wrong_hands", services.write, city.department(), draft(city, matter), NOW)
    reply = draft(city, matter, kind="reply", issuer_id=city.education, recipients=((city.issuer, "to"),))
    assert services.write(city.department(), reply, NOW).issuer_id == city.education
    with pytest.raises(Missing):  # in somebody else's name
        services.write(city.department(), draft(city, matter, kind="reply", issuer_id=city.government), NOW)


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("bad_kind", {"kind": "decree"}),
        ("long_number", {"words": Written("标题", "身份证 411423198001011234")}),
        ("long_number", {"words": Written("标题", "正文", note="账号６２２２０２１７０００００１２３４５６")}),
        ("long_number", {"words": Written("标题", "身份证411423 19800101 123x")}),
        ("long_number", {"words": Written("标题", "卡号 6228 4800 1234 5678 910")}),
        ("bad_text", {"words": Written("标题", "a\0b")}),
        ("paper_too_long", {"words": Written("长" * 151, "正文")}),
        ("paper_too_long", {"words": Written("标题", "长" * 60_001)}),
        ("no_such_file", {"words": Written("标题", "正文", attachments=((1, "别人的"),))}),
    ],
)
def test_what_must_not_be_kept_is_refused(city: Offices, code: str, more: dict[str, Any]) -> None:
    refused(code, services.write, city.city_office(), draft(city, city.issued(NOW), **more), NOW)


def test_nobody_gets_a_paper_twice_or_from_outside_the_grants(city: Offices) -> None:
    twice = ((city.education, "to"), (city.education, "copied"))
    refused("bad_recipients", services.write, city.city_office(), draft(city, city.issued(NOW), recipients=twice), NOW)
    county = city.actor("county", "county", "area", city.county.area_id)
    matter = city.issued(NOW, issuer_id=city.government)
    strange = draft(city, matter, issuer_id=city.government, recipients=((city.elsewhere, "to"),))
    with pytest.raises(Missing):
        services.write(county, strange, NOW)


# -- issue --------------------------------------------------------------------------------------------------------


def test_an_issue_gives_the_next_number_and_freezes_the_paper(city: Offices) -> None:
    first, second = written(city), written(city)
    word = word_of(city)
    rows = issuing.issue(city.city_office(), {first.pk: 1, second.pk: 1}, word, MONDAY, NOW)
    assert [(row.year, row.serial, row.state) for row in rows] == [(2018, 1, "issued"), (2018, 2, "issued")]
    assert rows[0].frozen is not None
    assert content.digest(rows[0].frozen) == rows[0].digest
    paper = files.set_paper(rows[0])
    assert str(paper.number) == "市扶办〔2018〕1号"
    assert (paper.addressees, paper.reported) == (("县教育局",), ("驻县教育局纪检监察组",))
    refused("not_a_draft", issuing.issue, city.city_office(), {first.pk: 2}, word, MONDAY, NOW)
    entry = AuditEntry.objects.get(action="orders.issue_paper")
    assert "学生" not in str(entry.detail)


def test_an_issue_of_many_asks_no_more_than_one_of_two(city: Offices) -> None:
    office, word = city.city_office(), word_of(city)
    counts = []
    for some in (2, 8):
        rows = [written(city) for _ in range(some)]
        with CaptureQueriesContext(connection) as asked:
            issuing.issue(office, {row.pk: 1 for row in rows}, word, MONDAY, NOW)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_an_issue_that_fails_takes_no_number(city: Offices) -> None:
    good, bad = written(city), written(city, words=Written("标题", " "))
    word = word_of(city)
    refused("paper_incomplete", issuing.issue, city.city_office(), {good.pk: 1, bad.pk: 1}, word, MONDAY, NOW)
    assert not NumberCounter.objects.exists()
    [row] = issuing.issue(city.city_office(), {good.pk: 1}, word, MONDAY, NOW)
    assert row.serial == 1


@pytest.mark.parametrize("days", [1, -61, -40_000])
def test_the_day_of_a_paper_lies_close(city: Offices, days: int) -> None:
    row = written(city)
    day = MONDAY + datetime.timedelta(days=days)
    refused("bad_day", issuing.issue, city.city_office(), {row.pk: 1}, word_of(city), day, NOW)


def test_words_and_years_count_apart_and_begin_where_paper_left_off(city: Offices) -> None:
    office, word = city.city_office(), word_of(city)
    numbers.begin(office, word, datetime.date.today().year, 17)  # noqa: DTZ011 - the year the product says it is
    refused("bad_number", numbers.begin, office, word, 2018, 3)
    refused("bad_number", numbers.begin, office, word, datetime.date.today().year, -1)  # noqa: DTZ011
    [one] = issuing.issue(office, {written(city).pk: 1}, word, MONDAY, NOW)
    [other] = issuing.issue(office, {written(city).pk: 1}, word_of(city, word="市扶办督"), MONDAY, NOW)
    assert (one.serial, other.serial) == (1, 1)
    assert NumberCounter.objects.get(word=word, year=datetime.date.today().year).last == 17  # noqa: DTZ011
    later = at(datetime.date(2019, 1, 2))
    [new_year] = issuing.issue(office, {written(city).pk: 1}, word, later.date(), later)
    assert (new_year.year, new_year.serial) == (2019, 1)


def test_counting_begins_once(city: Offices) -> None:
    office, word = city.city_office(), word_of(city)
    year = datetime.date.today().year  # noqa: DTZ011
    OrderPaper.objects.filter(pk=issued(city).pk).update(year=year)
    refused("numbers_drawn", numbers.begin, office, word, year, 5)


@pytest.mark.parametrize("word", ["", "  ", "字" * 21, "扶〔办", "=cmd", "扶\0办", "第3号"])
def test_a_word_is_a_word(city: Offices, word: str) -> None:
    refused("bad_word", numbers.add_word, city.city_office(), city.issuer, word)


def test_a_word_belongs_to_its_organisation(city: Offices) -> None:
    row = written(city)
    other = word_of(city, organisation=city.education, word="县教")
    refused("other_word", issuing.issue, city.city_office(), {row.pk: 1}, other, MONDAY, NOW)
    with pytest.raises(Missing):
        numbers.add_word(city.department(), city.government, "县政")
    told = []
    for number in (word_of(city), 99_999_998):  # outside the grants, not there at all
        with pytest.raises(Missing) as found:
            numbers.word_of(city.department(), number)
        told.append((found.value.code, found.value.zh, found.value.en))
    assert told[0] == told[1]


def test_the_database_keeps_one_number_for_one_paper(city: Offices) -> None:
    row, other = issued(city), issued(city)
    with pytest.raises(IntegrityError), transaction.atomic():
        OrderPaper.objects.filter(pk=other.pk).update(serial=row.serial)
    with pytest.raises(IntegrityError), transaction.atomic():
        OrderPaper.objects.filter(pk=other.pk).update(serial=None)


def test_a_withdrawn_number_stays_taken_with_its_reason(city: Offices) -> None:
    row = issued(city)
    refused("no_reason", issuing.withdraw, city.city_office(), row.pk, "  ", NOW)
    row = issuing.withdraw(city.city_office(), row.pk, "主送单位有误", NOW)
    assert (row.state, row.serial, row.reason) == ("withdrawn", 1, "主送单位有误")
    refused("not_issued", issuing.withdraw, city.city_office(), row.pk, "再次", NOW)
    refused("not_issued", issuing.receive, city.department(), [selectors.recipients_of([row.pk])[1].pk], NOW)
    assert issued(city).serial == 2


# -- reading, receipts, replies -----------------------------------------------------------------------------------


def test_drafts_are_read_by_the_writers_alone_and_papers_by_those_they_go_to(city: Offices) -> None:
    row = written(city)
    with pytest.raises(Missing):
        selectors.paper(city.department(), row.pk)
    discipline = city.actor("watch", "department", "organisation", city.discipline)
    with pytest.raises(Missing):
        selectors.paper(discipline, row.pk)
    issuing.issue(city.city_office(), {row.pk: 1}, word_of(city), MONDAY, NOW)
    assert selectors.paper(city.department(), row.pk) == row
    assert selectors.paper(discipline, row.pk) == row
    with pytest.raises(Missing):
        selectors.paper(city.actor("strange", "department", "organisation", city.elsewhere), row.pk)
    with pytest.raises(Missing):
        selectors.paper(local_admin(), 2**63)


def test_a_paper_to_a_unit_that_does_not_see_the_matter_is_read_there(city: Offices) -> None:
    row = issued(city, recipients=((city.government, "to"),))
    government = city.actor("government", "department", "organisation", city.government)
    assert not Matter.objects.filter(pk=row.matter_id, holder_id=city.government).exists()
    assert selectors.paper(government, row.pk) == row


def test_a_recipient_signs_once_for_its_own_organisation(city: Offices) -> None:
    row = issued(city)
    mine, copied = sorted(selectors.recipients_of([row.pk]), key=lambda each: each.place)
    with pytest.raises(Missing):
        issuing.receive(city.department(), [copied.pk], NOW)
    [signed] = issuing.receive(city.department(), [mine.pk], NOW, "已交办公室")
    assert (signed.received_at, signed.receiver) == (NOW, "teacher")
    refused("received_already", issuing.receive, city.department(), [mine.pk], NOW)
    (page,) = pages(files.receipt_of(row, signed))
    text = "".join(words(line) for line in page.lines())
    assert "teacher" in text
    assert "已交办公室" in text


def test_a_reply_answers_an_issued_paper_and_is_numbered_by_its_own_office(city: Offices) -> None:
    row = issued(city)
    reply = Draft(
        row.matter_id, "reply", city.education, Written("关于学生返校的报告", "三名学生已返校。", signer="李样例"),
        ((city.issuer, "to"),), row.pk,
    )  # fmt: skip
    answer = services.write(city.department(), reply, NOW)
    word = word_of(city, city.department(), city.education, "县教")
    [answer] = issuing.issue(city.department(), {answer.pk: 1}, word, MONDAY, NOW)
    assert answer.answers_id == row.pk
    assert str(files.set_paper(answer).number) == "县教〔2018〕1号"
    assert selectors.paper(city.city_office(), answer.pk) == answer
    refused("bad_answer", services.write, city.city_office(), draft(city, row.matter, answers_id=row.pk), NOW)
    other = replace(reply, matter_id=city.issued(NOW).pk)
    refused("bad_answer", services.write, city.department(), other, NOW)


def test_papers_of_a_petition_go_to_the_holder_alone(city: Offices) -> None:
    matter = city.issued(NOW)
    Matter.objects.filter(pk=matter.pk).update(kind="petition")
    office = local_admin()
    refused("petition_paper", services.write, office, draft(city, matter), NOW)
    to = ((city.education, "to"),)
    refused("petition_paper", services.write, office, draft(city, matter, kind="bulletin", recipients=to), NOW)
    row = services.write(office, draft(city, matter, recipients=to), NOW)
    issuing.issue(office, {row.pk: 1}, word_of(city, office), MONDAY, NOW)
    with pytest.raises(Missing):  # an inspector sees every directive, and no petition
        selectors.paper(city.inspector(), row.pk)
    assert selectors.paper(city.department(), row.pk) == row


def test_the_petition_office_writes_numbers_and_reads_its_own(city: Offices) -> None:
    office = city.actor("letters", "petition_office", "area", city.city.area_id)
    matter = city.issued(NOW)
    Matter.objects.filter(pk=matter.pk).update(kind="petition")
    row = services.write(office, draft(city, matter, recipients=((city.education, "to"),)), NOW)
    with pytest.raises(Missing):
        selectors.paper(city.department(), row.pk)  # the holder reads it once it is issued
    [row] = issuing.issue(office, {row.pk: 1}, word_of(city, office, word="市信访"), MONDAY, NOW)
    assert selectors.paper(office, row.pk) == selectors.paper(city.department(), row.pk)
    with pytest.raises(Missing):
        numbers.add_word(city.inspector(), city.issuer, "督查")


# -- files --------------------------------------------------------------------------------------------------------


def test_the_pdf_of_an_issued_paper_is_made_once_and_kept_by_its_digest(city: Offices, monkeypatch: Any) -> None:
    row = issued(city)
    made = files.pdf_of(city.city_office(), row)
    row.refresh_from_db()
    assert (evidence.folder() / row.file).read_bytes() == made
    assert any("市扶办〔2018〕1号" in words(line) for page in pages(made) for line in page.lines())
    monkeypatch.setattr(files.printing, "paper_pdf", lambda _paper: pytest.fail("made twice"))
    assert files.pdf_of(city.department(), selectors.paper(city.department(), row.pk)) == made
    assert Evidence.objects.filter(about="order_paper", item="paper").count() == 1


def test_what_happens_to_organisations_later_does_not_change_an_issued_paper(city: Offices) -> None:
    from tuopin.duties.models import OrganisationVersion

    row = issued(city)
    OrganisationVersion.objects.filter(organisation_id=city.education).update(name="县教育体育局")
    row.refresh_from_db()
    assert files.set_paper(row).addressees == ("县教育局",)
    assert content.digest(row.frozen) == row.digest  # type: ignore[arg-type]


def test_word_says_the_same(city: Offices) -> None:
    text = [each.text for each in Document(io.BytesIO(files.docx_of(issued(city)))).paragraphs]
    assert "市扶办〔2018〕1号" in text
    assert "受市脱贫攻坚领导小组委托，现就有关事项指令如下：" in text


def package(*parts: str, kind: str = "wordprocessingml.document.main+xml", relation: str = "") -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        made.writestr(
            "[Content_Types].xml",
            '<Types><Override PartName="/a" '
            f'ContentType="application/vnd.openxmlformats-officedocument.{kind}"/></Types>',
        )
        made.writestr("word/_rels/document.xml.rels", f"<Relationships>{relation}</Relationships>")
        for each in parts:
            made.writestr(each, b"x")
    return held.getvalue()


LINK = '<Relationship Id="a" Type="http://x/relationships/{}" Target="http://x" TargetMode="External"/>'


@pytest.mark.parametrize(
    ("name", "given", "form"),
    [
        ("清单.pdf", b"%PDF-1.7 ...", "pdf"),
        ("清单.exe", package(), "docx"),
        ("清单.docx", package(kind="spreadsheetml.sheet.main+xml"), "xlsx"),
        ("清单.docx", package(relation=LINK.format("hyperlink")), "docx"),
    ],
)
def test_a_file_is_what_it_holds(city: Offices, name: str, given: bytes, form: str) -> None:
    row = written(city)
    kept = evidence.keep(SimpleUploadedFile(name, given), office=True)
    assert kept.form == form
    row = services.attach(city.city_office(), row.pk, kept, "问题清单", 1)
    [(number, title)] = content.written(row.content).attachments
    assert title == "问题清单"
    answer = files.attachment_of(city.city_office(), row, number)
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "html" not in answer["Content-Type"]
    answer.close()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (b"<html><script>alert(1)</script>", "not_a_paper"),
        (b"\xd0\xcf\x11\xe0 old word", "not_a_paper"),
        (b"PK\x03\x04 broken", "not_a_paper"),
        (b"", "not_a_paper"),
        (package("word/vbaProject.bin"), "file_macros"),
        (package(kind="x.macroEnabled.main+xml"), "file_macros"),
        (package("word/embeddings/oleObject1.bin"), "file_macros"),
        (package(kind="presentationml.presentation.main+xml"), "not_a_paper"),
        (package(relation=LINK.format("attachedTemplate")), "file_links"),
        (package(relation=LINK.format("image").replace("External", "&#69;xternal")), "file_links"),
        (b"%PDF-1.7" + b"x" * (evidence.MOST + 1), "file_too_large"),
    ],
)
def test_what_is_no_harmless_file_is_not_kept(given: bytes, code: str) -> None:
    before = sorted(evidence.folder().iterdir())
    with pytest.raises(Problem) as found:
        evidence.keep(SimpleUploadedFile("报告.docx", given), office=True)
    assert found.value.code == code
    assert sorted(evidence.folder().iterdir()) == before


def test_the_same_file_lies_once(city: Offices) -> None:
    row = written(city)
    given = b"%PDF-1.7 the same, whoever hands it in"
    for at_version in (1, 2):
        kept = evidence.keep(SimpleUploadedFile(f"{at_version}.pdf", given), office=True)
        services.attach(city.city_office(), row.pk, kept, "", at_version)
    assert [path.name for path in evidence.folder().iterdir()].count(kept.digest) == 1
    assert Evidence.objects.filter(digest=kept.digest).count() == 2


def test_attachments_are_frozen_by_their_digest_and_left_out_ones_are_gone(city: Offices) -> None:
    row = written(city)
    for at_version, name in ((1, "a"), (2, "b")):
        kept = evidence.keep(SimpleUploadedFile(f"{name}.pdf", f"%PDF-{name}".encode()))
        row = services.attach(city.city_office(), row.pk, kept, name, at_version)
    (first, _title), (second, _other) = content.written(row.content).attachments
    services.detach(city.city_office(), row.pk, first, 3)
    [row] = issuing.issue(city.city_office(), {row.pk: 4}, word_of(city), MONDAY, NOW)
    assert row.frozen is not None
    assert row.frozen["attachments"] == [["b", kept.digest]]
    assert files.set_paper(row).attachments == ("b",)
    with pytest.raises(Missing):
        files.attachment_of(city.city_office(), row, first)
    with pytest.raises(Problem, match="not_a_draft"):
        services.detach(city.city_office(), row.pk, second, 5)


def test_a_stranger_attaches_nothing(city: Offices) -> None:
    row = issued(city)
    kept = evidence.keep(SimpleUploadedFile("a.pdf", b"%PDF-"))
    with pytest.raises(Refused):
        services.attach(city.department(), row.pk, kept, "", row.version)
