"""What is left of a petition's papers and files once its time is over: that they were there."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone

from rooms.orders.office import Offices
from rooms.orders.petitioners import DAY, NOW, WHO, accepted, client, letter, office, text, word_of
from tuopin.orders.models import Matter, MatterText, OrderPaper, PaperRecipient, PetitionLetter
from tuopin.orders.papers import content, files, issuing, numbers, selectors, services
from tuopin.orders.papers.content import Written
from tuopin.orders.petitions import erasing
from tuopin.platform import evidence
from tuopin.platform.evidence import Paper
from tuopin.platform.lists import recent
from tuopin.platform.models import AuditEntry, Evidence
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuopin.core.papers import OfficialPaper
    from tuopin.platform.access import Actor

pytestmark = pytest.mark.django_db
LATER = NOW + 1827 * DAY
SAID = f"{WHO.name}说的那件事"


@pytest.fixture
def city() -> Offices:
    recent.forget()
    return Offices()


def paper(
    city: Offices, who: Actor, row: Matter, kind: str, word: int, *, to: Sequence[int] = (), answers: int | None = None
) -> OrderPaper:
    """One that names who came wherever something can be written, issued and set as PDF."""
    issuer = city.education if kind == "reply" else city.issuer
    words = Written(f"{SAID}题", f"{SAID}文", note=f"{SAID}注", signer="张签发")
    draft = services.Draft(row.pk, kind, issuer, words, tuple((each, "to") for each in to), answers)
    made = services.write(who, draft, NOW)
    scan = evidence.keep_bytes(b"%PDF-1.4 " + f"{SAID}{kind}".encode(), f"{SAID}.pdf")
    made = services.attach(who, made.pk, scan, f"{SAID}附", made.version)
    [made] = issuing.issue(who, {made.pk: made.version}, word, timezone.localdate(NOW), NOW)
    files.pdf_of(who, selectors.paper(who, made.pk))
    return OrderPaper.objects.get(pk=made.pk)


def ended(city: Offices) -> tuple[Matter, OrderPaper, OrderPaper]:
    """A petition with an order to its holder, the holder's reply, a draft; and a letter, of the same book."""
    row, keeper, holder = accepted(city), office(city), city.department()
    row = city.act(holder, "receive", row, NOW)
    order = paper(city, keeper, row, "reminder", word_of(city), to=[city.education])
    [got] = issuing.receive(holder, [order.recipients.get().pk], NOW, f"{SAID}收")
    assert got.remark
    word = numbers.add_word(holder, city.education, "县教").pk
    reply = paper(city, holder, row, "reply", word, to=[city.issuer], answers=order.pk)
    issuing.withdraw(holder, reply.pk, f"{SAID}误", NOW)
    for thrown_away in (True, False):
        draft = services.write(holder, services.Draft(row.pk, "reply", city.education, Written("稿", f"{SAID}稿")), NOW)
        if thrown_away:
            services.discard(holder, draft.pk, draft.version)
    for who, act in ((holder, "done"), (keeper, "verify"), (keeper, "answer"), (keeper, "satisfied")):
        row = city.act(who, act, row, NOW, note="已公开。")
    letter(city, row, "answered")
    return row, OrderPaper.objects.get(pk=order.pk), OrderPaper.objects.get(pk=reply.pk)


def old() -> None:
    """Make all files lie as if nobody had touched them for a month."""
    before = time.time() - 30 * 86400
    for each in evidence.folder().iterdir():
        os.utime(each, (before, before))


def test_papers_say_nothing_any_more_and_their_numbers_stay(city: Offices) -> None:
    row, order, reply = ended(city)
    held = [each.pk for each in Evidence.objects.filter(about="order_paper")]
    assert len(held) == 4  # two attachments, two PDF
    old()
    assert PetitionLetter.objects.get(petition_id=row.pk).sealed
    assert erasing.erase(office(city), LATER) == 1
    evidence.purge()
    assert PetitionLetter.objects.get(petition_id=row.pk).sealed == ""
    assert SAID not in str([*OrderPaper.objects.values(), *PaperRecipient.objects.values()])
    assert not Evidence.objects.filter(pk__in=held).exists()
    assert not [each for each in evidence.folder().iterdir() if each.is_file()]
    for before in (order, reply):
        after = OrderPaper.objects.get(pk=before.pk)
        for name in (
            "word_id",
            "year",
            "serial",
            "day",
            "kind",
            "state",
            "digest",
            "issued_at",
            "signer",
            "answers_id",
        ):
            assert getattr(after, name) == getattr(before, name), name
        assert content.erased(after) == timezone.localdate(LATER).isoformat()
        assert after.file == ""
    assert list(OrderPaper.objects.filter(matter=row).values_list("state", flat=True)) == [
        "issued", "withdrawn", "discarded", "discarded",
    ]  # fmt: skip
    got = PaperRecipient.objects.get(paper=order)
    assert got.received_at is not None  # that it was signed for, and by whom
    entry = AuditEntry.objects.get(action="orders.erase_petitioners")
    assert json.loads(entry.detail) == {"petitions": "<5", "files": "<5", "papers": "<5"}
    assert entry.digest


def test_pages_say_that_a_paper_was_erased_and_nothing_is_written_again(city: Offices) -> None:
    row, order, _reply = ended(city)
    erasing.erase(office(city), LATER)
    browser, page = client("petitions"), reverse("orders:paper", args=[order.pk])
    for address in (page, reverse("orders:papers", args=[row.pk]), f"{reverse('orders:numbers')}?year=2018"):
        shown = text(browser.get(address))
        assert "内容已清除" in shown, address
        assert files.number_of(selectors.paper(office(city), order.pk)) in shown
        assert SAID not in shown
    assert order.digest in text(browser.get(page))
    for name in ("paper_pdf", "paper_word"):
        assert browser.get(reverse(f"orders:{name}", args=[order.pk])).status_code == 400
    slip = reverse("orders:paper_receipt", args=[order.pk, order.recipients.get().pk])
    assert browser.get(slip).status_code == 400
    assert browser.post(page, {"do": "withdraw", "reason": SAID}).status_code == 400
    draft = services.Draft(row.pk, "reminder", city.issuer, Written("题", SAID), ((city.education, "to"),))
    with pytest.raises(Problem) as found:
        services.write(office(city), draft, LATER)
    assert found.value.code == "paper_erased"
    assert SAID not in str(list(OrderPaper.objects.values()))


def test_a_pdf_made_while_its_paper_is_erased_is_not_kept(city: Offices, monkeypatch: pytest.MonkeyPatch) -> None:
    _row, order, _reply = ended(city)
    OrderPaper.objects.filter(pk=order.pk).update(file="")
    seen = selectors.paper(office(city), order.pk)
    made = files.printing.paper_pdf

    def slowly(given: OfficialPaper) -> bytes:
        erasing.erase(office(city), LATER)
        return made(given)

    monkeypatch.setattr(files.printing, "paper_pdf", slowly)
    with pytest.raises(Problem):
        files.pdf_of(office(city), seen)
    assert not Evidence.objects.filter(about="order_paper").exists()


def test_a_file_that_something_else_names_too_stays(city: Offices) -> None:
    row, _order, _reply = ended(city)
    other = city.issued(NOW)
    both = evidence.keep_bytes(b"%PDF-1.4 a regulation", "条例.pdf")
    alone = evidence.keep_bytes(b"%PDF-1.4 a letter", "来信.pdf")
    given = [Paper(row.pk, "accept", timezone.localdate(NOW), each) for each in (both, alone)]
    evidence.record(office(city), "matter", [*given, Paper(other.pk, "done", timezone.localdate(NOW), both)])
    old()
    erasing.erase(office(city), LATER)
    evidence.purge()
    assert (evidence.folder() / both.digest).is_file()
    assert not (evidence.folder() / alone.digest).exists()
    assert [each.about_id for each in Evidence.objects.filter(digest=both.digest)] == [other.pk]


def test_papers_of_others_and_the_petition_itself_stay(city: Offices) -> None:
    row, order, _reply = ended(city)
    going = city.act(city.department(), "receive", accepted(city), NOW)
    kept = paper(city, office(city), going, "reminder", word_of(city), to=[city.education])
    assert kept.serial == (order.serial or 0) + 2  # the letter lies between them: the book has no gap
    erasing.erase(office(city), LATER)
    assert SAID in files.set_paper(OrderPaper.objects.get(pk=kept.pk)).title
    assert Matter.objects.get(pk=row.pk).title == row.title
    assert MatterText.objects.get(pk=row.pk).text


def test_who_gets_a_petition_later_reads_no_paper_of_the_former_holder(city: Offices) -> None:
    row, keeper, holder = accepted(city), office(city), city.department()
    row = city.act(holder, "receive", row, NOW)
    order = paper(city, keeper, row, "reminder", word_of(city), to=[city.education])
    word = numbers.add_word(holder, city.education, "县教").pk
    reply = paper(city, holder, row, "reply", word, to=[city.issuer], answers=order.pk)
    assert [each.pk for each in selectors.of_matter(holder, row.pk)] == [order.pk, reply.pk]
    row = city.act(keeper, "reassign", row, NOW, holder_id=city.city_education, note="由市局办理")
    new = city.actor("bureau", "department", "organisation", city.city_education)
    assert selectors.of_matter(new, row.pk) == []
    assert [each.pk for each in selectors.of_matter(keeper, row.pk)] == [order.pk, reply.pk]
    assert client("bureau").get(reverse("orders:paper", args=[reply.pk])).status_code == 404
    [own] = [paper(city, keeper, row, "reminder", word_of(city), to=[city.city_education])]
    assert [each.pk for each in selectors.of_matter(new, row.pk)] == [own.pk]
