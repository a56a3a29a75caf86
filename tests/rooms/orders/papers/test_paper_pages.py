"""Pages of papers: written from what a matter says, issued, fetched, signed for, answered, withdrawn; refusals."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from docx import Document

from people import signed_in
from rooms.orders.office import Offices
from tuopin.orders.models import OrderPaper, PaperTemplate
from tuopin.orders.papers import content, demo, numbers
from tuopin.platform import evidence
from tuopin.platform.access import actor_for, grants_of, local_admin
from tuopin.platform.api import tokens
from tuopin.platform.models import User

if TYPE_CHECKING:
    from tuopin.orders.models import Matter

pytestmark = pytest.mark.django_db
PAGE = "text/html; charset=utf-8"


@pytest.fixture
def city() -> Offices:
    return Offices()


@pytest.fixture
def matter(city: Offices) -> Matter:
    return city.issued(timezone.now(), text="三名学生未在校。", demand="在校证明")


def browser(city: Offices, name: str) -> Client:
    {"city": city.city_office, "teacher": city.department, "inspector": city.inspector}[name]()
    return signed_in(User.objects.get(username=name))


def form(answer: Any) -> dict[str, str]:
    """What the form of a page holds, to be sent as it is."""
    context = answer.context
    found = dict(context["given"]) | {role: lines for role, _title, lines in context["roles"]}
    return found | {"issuer": str(context["chosen"]), "seen": str(context["row"].version) if context["row"] else ""}


def written(client: Client, matter: Matter, kind: str = "directive", **more: str) -> OrderPaper:
    address = f"/orders/matters/{matter.pk}/documents/new/?kind={kind}"
    answer = client.post(address, form(client.get(address)) | more)
    assert answer.status_code == 302, answer.context["problem"]
    return OrderPaper.objects.latest("pk")


def test_a_form_sent_twice_writes_one_paper(city: Offices, matter: Matter) -> None:
    office = browser(city, "city")
    address = f"/orders/matters/{matter.pk}/documents/new/?kind=directive"
    start = office.get(address)
    given = form(start) | {"key": start.context["once"]}
    wrong = office.post(address, given | {"title": "长" * 151})
    assert (wrong.status_code, wrong.context["once"]) == (400, given["key"])
    assert office.post(address, given).status_code == office.post(address, given).status_code == 302
    assert OrderPaper.objects.count() == 1
    office.post(address, given | {"key": office.get(address).context["once"]})  # a form of its own
    assert OrderPaper.objects.count() == 2


def issued(city: Offices, client: Client, matter: Matter) -> OrderPaper:
    row = written(client, matter)
    word = numbers.add_word(city.city_office(), city.issuer, "市扶办")
    today = timezone.localdate().isoformat()
    given = {"do": "issue", "seen": "1", "word": str(word.pk), "day": today}
    assert client.post(f"/orders/papers/{row.pk}/", given).status_code == 302
    row.refresh_from_db()
    assert row.state == "issued"
    return row


def test_a_directive_begins_from_the_matter_and_is_copied_to_who_watches(city: Offices, matter: Matter) -> None:
    row = written(browser(city, "city"), matter, mandate="市脱贫攻坚领导小组")
    words = content.written(row.content)
    assert words.title == "关于三名学生未在校的指令"
    assert "三名学生未在校。" in words.body
    assert set(row.recipients.values_list("organisation_id", "role")) == {(city.education, "to")}


def test_names_that_the_office_knows_become_recipients_and_others_are_printed(city: Offices, matter: Matter) -> None:
    row = written(
        browser(city, "city"),
        matter,
        to="县教育局\n县政府，\n 省教育厅 \n",
        reported="驻县教育局纪检监察组",
        copied="市妇联",
    )
    found = set(row.recipients.values_list("organisation_id", "role"))
    assert found == {(city.education, "to"), (city.government, "to"), (city.discipline, "reported")}
    words = content.written(row.content)
    assert (words.also_to, words.also_copied) == (("省教育厅",), ("市妇联",))


def test_from_draft_to_receipt_and_reply(city: Offices, matter: Matter) -> None:
    office, holder = browser(city, "city"), browser(city, "teacher")
    row = issued(city, office, matter)
    page = holder.get(f"/orders/papers/{row.pk}/")
    assert "市扶办〔" in page.content.decode()
    [to] = row.recipients.filter(role="to")
    assert holder.post(f"/orders/papers/{row.pk}/", {"do": "receive", "recipient": to.pk}).status_code == 302
    again = holder.post(f"/orders/papers/{row.pk}/", {"do": "receive", "recipient": to.pk})
    assert again.status_code == 400
    assert "已经签收" in again.content.decode()
    address = f"/orders/matters/{matter.pk}/documents/new/?kind=reply&answers={row.pk}"
    start = holder.get(address)
    assert "《关于三名学生未在校的指令》" in start.context["given"]["body"]
    assert holder.post(address, form(start) | {"signer": "李样例"}).status_code == 302
    reply = OrderPaper.objects.get(kind="reply")
    assert (reply.answers_id, reply.issuer_id) == (row.pk, city.education)
    assert office.get(f"/orders/papers/{reply.pk}/").status_code in {200, 404}  # by who may write for the department
    assert office.post(f"/orders/papers/{row.pk}/", {"do": "withdraw", "reason": "有误"}).status_code == 302
    assert "有误" in holder.get(f"/orders/papers/{row.pk}/").content.decode()


def test_files_are_fetched_and_never_shown_as_a_page(city: Offices, matter: Matter) -> None:
    office = browser(city, "city")
    row = issued(city, office, matter)
    to = row.recipients.get(role="to")
    for address, beginning in (
        (f"/orders/papers/{row.pk}/pdf/", b"%PDF-"), (f"/orders/papers/{row.pk}/word/", b"PK"),
        (f"/orders/papers/{row.pk}/receipts/{to.pk}/", b"%PDF-"),
    ):  # fmt: skip
        answer = office.get(address)
        assert answer.content.startswith(beginning)
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
    assert office.get(f"/orders/papers/{row.pk}/pdf/").content == office.get(f"/orders/papers/{row.pk}/pdf/").content


def test_script_in_any_field_stays_text(city: Offices, matter: Matter) -> None:
    bad = "<script>alert(1)</script>"
    office = browser(city, "city")
    row = written(office, matter, title=bad, body=bad, mandate=bad, head=bad, note=bad, to=bad, copied=bad)
    for address in (
        f"/orders/papers/{row.pk}/",
        f"/orders/papers/{row.pk}/write/",
        f"/orders/matters/{matter.pk}/documents/",
    ):
        text = office.get(address).content.decode()
        assert bad not in text
        assert "&lt;script&gt;" in text


@pytest.mark.parametrize(
    "given",
    [
        {"do": "issue"}, {"do": "issue", "word": "9" * 30, "day": "x"},
        {"do": "issue", "word": "1", "day": "0001-01-01"}, {"do": "receive", "recipient": "-1"},
        {"do": "withdraw", "reason": "a\0b"}, {"do": "attach"}, {"do": "?"}, {},
        {"do": "detach", "file": "x", "seen": "1"}, {"do": "discard", "seen": "9" * 17},
    ],
)  # fmt: skip
def test_nonsense_is_refused_in_words(city: Offices, matter: Matter, given: dict[str, str]) -> None:
    office = browser(city, "city")
    row = written(office, matter)
    answer = office.post(f"/orders/papers/{row.pk}/", given)
    assert answer.status_code in {400, 404}
    row.refresh_from_db()
    assert (row.state, row.version) == ("draft", 1)


@pytest.mark.parametrize(
    "more", [{"to": "县教育局\n县教育局"}, {"issuer": "9" * 40}, {"body": "1" * 15}, {"to": "a\0b"}]
)
def test_a_form_with_a_fault_comes_back_with_what_was_typed(
    city: Offices, matter: Matter, more: dict[str, str]
) -> None:
    office = browser(city, "city")
    address = f"/orders/matters/{matter.pk}/documents/new/?kind=directive"
    answer = office.post(address, form(office.get(address)) | {"note": "记得这一句", **more})
    assert answer.status_code in {400, 404}
    if answer.status_code == 400:
        assert "记得这一句" in answer.content.decode()


def test_others_find_nothing(city: Offices, matter: Matter) -> None:
    office = browser(city, "city")
    row = written(office, matter)
    holder = browser(city, "teacher")
    for address in ("", "write/", "pdf/", "word/"):
        assert holder.get(f"/orders/papers/{row.pk}/{address}").status_code == 404
    assert holder.get(f"/orders/matters/{matter.pk}/documents/new/?kind=directive").status_code == 404
    assert browser(city, "inspector").get(f"/orders/papers/{row.pk}/").status_code == 404
    assert holder.get("/orders/papers/99999999999999999999999/").status_code == 404


def test_a_large_upload_is_not_read_to_its_end(city: Offices, matter: Matter) -> None:
    office = browser(city, "city")
    row = written(office, matter)
    read = []

    class Endless(io.RawIOBase):
        """A body of 2 GB, of which nothing need exist but what is read."""

        head = (
            b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n"
            b"Content-Type: application/pdf\r\n\r\n%PDF-"
        )  # fmt: skip

        def read(self, size: int = -1) -> bytes:
            found, self.head = self.head[:size], self.head[size:] if size > 0 else b""
            found = found or b"x" * (size if size > 0 else 1 << 16)
            read.append(len(found))
            return found

    before = sorted(evidence.folder().iterdir())
    answer = office.generic(
        "POST", f"/orders/papers/{row.pk}/", b"",
        **{
            "wsgi.input": Endless(), "CONTENT_LENGTH": str(2 << 30),
            "CONTENT_TYPE": "multipart/form-data; boundary=b",
        },
    )  # fmt: skip
    assert answer.status_code == 413
    assert sum(read) < 2 << 20
    assert sorted(evidence.folder().iterdir()) == before


def test_an_attachment_by_the_page(city: Offices, matter: Matter) -> None:
    office = browser(city, "city")
    row = written(office, matter)
    given = {"do": "attach", "seen": "1", "title": "清单", "file": SimpleUploadedFile("a.html", b"<html>")}
    assert office.post(f"/orders/papers/{row.pk}/", given).status_code == 400
    given["file"] = SimpleUploadedFile("a.html", b"%PDF-1.7")
    assert office.post(f"/orders/papers/{row.pk}/", given).status_code == 302
    row.refresh_from_db()
    [(number, _title)] = content.written(row.content).attachments
    answer = office.get(f"/orders/papers/{row.pk}/files/{number}/")
    assert answer["Content-Type"] == "application/pdf"
    assert b"".join(answer.streaming_content) == b"%PDF-1.7"  # type: ignore[arg-type]
    assert office.get(f"/orders/papers/{row.pk}/files/{number + 1}/").status_code == 404


# -- numbers, templates -------------------------------------------------------------------------------------------


def test_the_register_shows_numbers_with_those_withdrawn(city: Offices, matter: Matter) -> None:
    office = browser(city, "city")
    assert "还没有登记机关代字" in office.get("/orders/papers/").content.decode()
    row = issued(city, office, matter)
    office.post(f"/orders/papers/{row.pk}/", {"do": "withdraw", "reason": "主送有误"})
    text = office.get("/orders/papers/").content.decode()
    assert f"市扶办〔{row.year}〕1号" in text
    assert "主送有误" in text
    for query in (
        "?word=x&year=99999999999999999999&page=-5",
        "?word=999999999999999999999&year=0",
        "?year=1950&page=9",
    ):
        assert office.get(f"/orders/papers/{query}").status_code == 200
    assert f"市扶办〔{row.year}〕1号" not in browser(city, "teacher").get("/orders/papers/").content.decode()


def test_a_template_is_fetched_changed_and_handed_in(city: Offices, matter: Matter) -> None:
    office = browser(city, "city")
    row = issued(city, office, matter)
    assert row.word is not None
    fetched = office.get(f"/orders/papers/templates/{row.word.pk}/document/").content
    document = Document(io.BytesIO(fetched))
    document.add_paragraph("本单位专用 {{ 文号 }}")
    held = io.BytesIO()
    document.save(held)
    given = {"do": "template", "word": row.word.pk, "layout": "document"}
    file = SimpleUploadedFile("模板.docx", held.getvalue())
    assert office.post("/orders/papers/", given | {"file": file}).status_code == 302
    made = Document(io.BytesIO(office.get(f"/orders/papers/{row.pk}/word/").content))
    assert f"本单位专用 市扶办〔{row.year}〕1号" in [each.text for each in made.paragraphs]
    document.add_paragraph("{{ ''.__class__ }}")
    held = io.BytesIO()
    document.save(held)
    refused = office.post("/orders/papers/", given | {"file": SimpleUploadedFile("坏.docx", held.getvalue())})
    assert refused.status_code == 400
    assert PaperTemplate.objects.count() == 1
    assert browser(city, "teacher").get(f"/orders/papers/templates/{row.word.pk}/document/").status_code == 404


def test_pages_ask_few_questions(city: Offices, matter: Matter, django_assert_max_num_queries: Any) -> None:
    office = browser(city, "city")
    row = issued(city, office, matter)
    written(office, matter)
    for address in (
        f"/orders/papers/{row.pk}/", f"/orders/matters/{matter.pk}/documents/", "/orders/papers/",
        f"/orders/matters/{matter.pk}/documents/new/?kind=directive",
    ):  # fmt: skip
        with django_assert_max_num_queries(20):
            assert office.get(address).status_code == 200


# -- programs, the demo -------------------------------------------------------------------------------------------


def test_programs_write_issue_and_sign(city: Offices, matter: Matter) -> None:
    def browsing(name: str) -> Client:
        client, user = browser(city, name), User.objects.get(username=name)
        actor = actor_for(user)
        offered = [each.name for each in tokens.offered(actor)]
        grants = [each.pk for each in grants_of(actor)]
        _row, secret = tokens.make_token(actor, "test", grants=grants, permissions=offered, days=1)
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
        return client

    office, word = browsing("city"), numbers.add_word(city.city_office(), city.issuer, "市扶办").pk
    given = {
        "kind": "directive", "issuer": city.issuer, "title": "关于返校的指令", "body": "三日内办结。",
        "recipients": [{"organisation": city.education, "role": "to"}],
    }  # fmt: skip
    made = office.post(f"/api/matters/{matter.pk}/papers", given, content_type="application/json")
    assert made.status_code == 201, made.content
    number = made.json()["id"]
    today = timezone.localdate().isoformat()
    wrong = {"ids": [number], "seen": [1, 2], "word": word, "day": today}
    assert office.post("/api/papers/issues", wrong, content_type="application/json").status_code == 400
    [done] = office.post("/api/papers/issues", wrong | {"seen": [1]}, content_type="application/json").json()
    assert done["number"].endswith("1号")
    told = office.get(f"/api/papers/{number}").json()
    assert (told["state"], told["digest"]) == ("issued", done["digest"])
    assert [each["id"] for each in office.get(f"/api/matters/{matter.pk}/papers").json()] == [number]
    signing = {"recipients": [told["recipients"][0]["id"]], "remark": "收到"}
    holder = Client(headers={"host": "localhost"})
    assert holder.post("/api/papers/receipts", signing, content_type="application/json").status_code == 401
    signed = office.post("/api/papers/receipts", signing, content_type="application/json")
    assert signed.json()[0]["received_at"]


def test_the_demo_fills_once(city: Offices, matter: Matter) -> None:
    for _ in range(3):
        city.act(city.department(), "receive", city.issued(timezone.now()), timezone.now())
    city.act(city.department(), "receive", matter, timezone.now())
    demo.fill(local_admin())
    states = sorted(OrderPaper.objects.values_list("state", flat=True))
    assert states == ["draft", "issued", "issued", "issued", "withdrawn"]
    demo.fill(local_admin())
    assert OrderPaper.objects.count() == 5
