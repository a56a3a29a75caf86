"""Paper ledgers and their check, handbooks, notices, the sheet for the wall."""

from __future__ import annotations

import datetime
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from docx import Document

from officials import assigned
from people import account, signed_in
from rooms.duties.printed import ID_NUMBER, PHONE, village
from tuopin.core.language.catalogue import Title
from tuopin.duties.cards import ledger, letters, papers, services
from tuopin.duties.models import Assignment, CardCode, LedgerPrint, WordTemplate
from tuopin.platform.access import actor_for, grants_of, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.api import tokens
from tuopin.platform.auditing import audit
from tuopin.platform.database import write
from tuopin.platform.documents import pdf
from tuopin.platform.models import AuditEntry, AuditLink
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register import cards as register_cards
from tuopin.register.models import (
    HouseholdIncome,
    Membership,
    Person,
    PersonCondition,
    PersonIdentity,
    Residence,
)
from tuopin.standards.models import Evaluation, Verdict
from tuopin.standards.packs import get_pack
from tuopin.standards.procedures.selectors import Notice

if TYPE_CHECKING:
    from rooms.duties.printed import Village

__all__ = ["village"]  # a fixture
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The data of every document made meanwhile, in place of the PDF."""
    found: list[dict[str, Any]] = []

    def noted(template: str, data: dict[str, Any], day: datetime.date) -> bytes:
        found.append({"template": template, **json.loads(json.dumps(data))})
        return b"%PDF-"

    monkeypatch.setattr(pdf, "pdf_bytes", noted)
    return found


@pytest.fixture
def judged(village: Village) -> Evaluation:
    """An evaluation of the households of both villages by an exit standard."""
    day = timezone.localdate()
    run = Evaluation.objects.create(
        standard="household_exit", level="household", pack="national", pack_version="1", pack_digest="0" * 64,
        parameter_hash="0" * 64, data_version=1, digest="1" * 64, day=day, actor="t", started_at=timezone.now(),
        finished_at=timezone.now(), items=["income"], shown=[], draft=["income"], tally={},
    )  # fmt: skip
    for each in village.here[:5]:
        Verdict.objects.create(
            evaluation=run, subject_id=each.pk, area_id=village.village.area_id, letters="mm", shown=""
        )
    return run


def member(village: Village, at: int, name: str) -> Person:
    person = Person.objects.create()
    day = datetime.date(2018, 1, 1)
    Membership.objects.create(person=person, household=village.here[at], valid_from=day, confirmed_on=day)
    shared = {"person": person, "year": 2018, "as_of": day, "recorded_at": timezone.now()}
    PersonIdentity.objects.create(
        **shared, name=name, id_number=ID_NUMBER, birth_date=datetime.date(1980, 1, 1), sex="male"
    )
    PersonCondition.objects.create(**shared, relation="head", health="serious_illness", member_phone=PHONE)
    return person


# -- the ledger ---------------------------------------------------------------------------------------------------


def test_the_same_data_have_the_same_digest_whoever_prints(
    village: Village, judged: Evaluation, made: list[dict[str, Any]]
) -> None:
    ledger.print_ledger(local_admin(), village.village.code)
    ledger.print_ledger(village.clerk("village"), village.village.code)
    first, second = LedgerPrint.objects.order_by("pk")
    assert first.digest == second.digest == made[0]["digest"]
    assert (first.seq, first.head) != (second.seq, second.head)
    assert AuditEntry.objects.filter(action="duties.print_ledger", digest=first.digest).count() == 2
    paper = json.dumps(made[0], ensure_ascii=False)
    assert "✓ 达标" in paper
    assert made[0]["draft"] is True
    assert made[0]["items"][0] == "总判定"
    assert made[0]["items"][1] != "income"
    for secret in (PHONE, "6222021234567890123", "大病", "illness"):
        assert secret not in paper


def test_what_rests_on_a_closed_class_stays_off_the_paper_and_in_the_digest(
    village: Village, judged: Evaluation, made: list[dict[str, Any]]
) -> None:
    items = [each.key for each in get_pack("national").standard("household_exit").items]
    Evaluation.objects.update(day=datetime.date(2018, 12, 1), items=items)
    Verdict.objects.update(letters="m" * (len(items) + 1))
    code = village.village.code
    ledger.print_ledger(local_admin(), code)
    ledger.print_ledger(village.clerk("village"), code)
    open_to = account("doctor", "village", code, "health", "disability", "child", "bank")
    ledger.print_ledger(actor_for(open_to), code)
    whole, clerk, doctor = made
    assert whole["digest"] == clerk["digest"] == doctor["digest"]
    assert (whole["hidden"], doctor["hidden"]) == ("", "")
    assert len(doctor["items"]) == len(items) + 1
    off = clerk["hidden"].split("、")
    assert set(off) == set(whole["items"]) - set(clerk["items"])
    assert 0 < len(off) < len(items), off
    assert all(len(row["verdicts"]) == len(clerk["items"]) for row in clerk["rows"])
    assert clerk["items"][0] == "总判定"
    entry = AuditEntry.objects.filter(action="duties.print_ledger").order_by("pk")[1]
    assert entry.detail.count("medical") == 1


def test_a_changed_register_shows_which_households_changed(village: Village, made: list[dict[str, Any]]) -> None:
    actor, code = village.clerk("village"), village.village.code  # an act, so that the chain has a head
    ledger.print_ledger(local_admin(), code)
    short = made[0]["short"]
    checked = ledger.check(actor, code, short)
    assert (checked.same, checked.chain) == (True, True)
    assigned("王强", "县财政局", household=village.here[1])
    Residence.objects.filter(household=village.here[2]).update(valid_to=timezone.localdate())
    register_cards.refresh_all()
    checked = ledger.check(actor, code, made[0]["digest"].upper())
    assert checked.same is False
    assert checked.changed == (village.here[1].code,)
    assert checked.gone == (village.here[2].code,)


def test_another_verdict_is_a_change_and_a_day_gone_by_is_none(
    village: Village, judged: Evaluation, made: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.print_ledger(local_admin(), village.village.code)
    digest = made[0]["digest"]
    assert ledger.read(local_admin(), village.village.code).digest == digest
    Verdict.objects.filter(subject_id=village.here[3].pk).update(letters="nn")
    assert ledger.check(local_admin(), village.village.code, digest).changed == (village.here[3].code,)


def test_a_rebuilt_chain_shows(village: Village, made: list[dict[str, Any]]) -> None:
    with write():
        audit.record(local_admin(), "duties.test", "x", {})
    _made, row = ledger.print_ledger(local_admin(), village.village.code)
    assert ledger.check(local_admin(), village.village.code, row.digest).chain is True
    forged = LedgerPrint.objects.defer(None).get(pk=row.pk)
    forged.head = "0" * 64
    assert AuditLink.objects.filter(seq=row.seq).exists()
    assert ledger._chain_holds(forged) is False


def test_checking_is_within_the_grants_and_of_what_was_printed(village: Village, made: list[dict[str, Any]]) -> None:
    ledger.print_ledger(local_admin(), village.away.code)
    digest = LedgerPrint.objects.get().digest
    clerk = village.clerk()
    for code, text in (
        (village.away.code, digest), (village.village.code, digest), (village.village.code, ""),
        (village.village.code, "%" * 20), (village.village.code, "\0" * 16), (village.village.code, "f" * 64),
        (village.village.code, digest[:8]),
    ):  # fmt: skip
        with pytest.raises(Missing):
            ledger.check(clerk, code, text)
    with pytest.raises(Problem, match="ledger_by_village"):
        ledger.print_ledger(clerk, village.county.code)
    with pytest.raises(Missing):
        ledger.print_ledger(clerk, village.away.code)


def test_the_page_prints_and_checks(village: Village) -> None:
    client = signed_in(village.user("village"))
    where = f"area={village.village.code}"
    printed = client.post(f"/duties/ledger/print/?{where}")
    assert printed.content.startswith(b"%PDF-")
    assert "no-store" in printed.headers["Cache-Control"]
    short = ledger.grouped(LedgerPrint.objects.get().digest[:16])
    assert short in client.get(f"/duties/ledger/?{where}").content.decode()
    assert "完全一致" in client.post(f"/duties/ledger/?{where}", {"digest": short}).content.decode()
    assert client.post(f"/duties/ledger/?{where}", {"digest": "x\0"}).status_code in {400, 404}
    assert client.get(f"/duties/ledger/?area={village.away.code}").status_code == 404


# -- handbook, notice, wall ---------------------------------------------------------------------------------------


def test_the_handbook_obeys_the_classes_of_whoever_prints(village: Village, made: list[dict[str, Any]]) -> None:
    member(village, 0, "张三")
    HouseholdIncome.objects.create(
        household=village.here[0], year=2018, as_of=datetime.date(2018, 12, 1), recorded_at=timezone.now(),
        wage=1_200_000, business=0, property=0, transfer=5_000, business_cost=0,
    )  # fmt: skip
    papers.handbook(village.clerk("village"), village.here[0].code)
    closed = json.dumps(made[0], ensure_ascii=False)
    assert made[0]["causes"] == papers.CLOSED
    assert made[0]["incomes"] == [["2018", "12,000.00", "0.00", "0.00", "50.00", "0.00", "12,050.00"]]
    assert made[0]["members"][0][:2] == ["张三", "户主"]
    assert made[0]["years"][0]["hidden"] is True
    for secret in (ID_NUMBER, PHONE, "6222021234567890123", "大病", "因病"):
        assert secret not in closed
    user = accounts.add_user(local_admin(), "cleared", "korrekt-pferd-batterie", must_change=False)[0]
    accounts.grant(
        local_admin(), user, "village", "area", village.village.area_id, field_classes=("health", "disability")
    )
    papers.handbook(actor_for(user), village.here[0].code)
    assert "因病" in made[1]["causes"]
    assert any("大病专项救治" in row for row in made[1]["years"][0]["measures"])
    assert ID_NUMBER not in json.dumps(made[1])


def test_visits_that_the_printer_may_not_see_are_said_to_be_missing(
    village: Village, made: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = village.clerk()
    papers.handbook(clerk, village.here[0].code)
    monkeypatch.setattr(papers, "may", lambda _actor, permission, **_at: permission != "duties.view_visit")
    papers.handbook(clerk, village.here[0].code)
    assert [each["visits"] for each in made] == [[], None]


def test_handbooks_of_others_are_not_there(village: Village) -> None:
    clerk = village.clerk()
    for code in (village.there[0].code, "nothing", "x" * 500):
        with pytest.raises(Missing):
            papers.handbook(clerk, code)
    with pytest.raises(Refused):
        papers.handbook(village.clerk("headquarters"), village.here[0].code)


def test_the_handbook_of_a_bare_household_is_a_document(village: Village) -> None:
    client = signed_in(village.user("village"))
    answer = client.get(f"/duties/papers/handbook/{village.here[4].code}/")
    assert answer.content.startswith(b"%PDF-")


def test_the_sheet_for_the_wall_names_no_household_and_its_code_shows_the_contacts(
    village: Village, made: list[dict[str, Any]]
) -> None:
    papers.wall(village.clerk("village"), village.village.code)
    paper = json.dumps(made[0], ensure_ascii=False)
    assert "13900000002" in paper
    assert not any(each.code in paper for each in village.here)
    opened = services.open_code(made[0]["code"])
    assert opened is not None
    assert opened.card is None
    assert [each.name for each in opened.contacts] == ["赵敏"]
    shown = Client().post("/duties/card/", {"code": made[0]["code"]}).content.decode()
    assert "赵敏" in shown
    papers.wall(local_admin(), village.village.code)
    assert services.open_code(made[0]["code"]) is None
    assert CardCode.objects.filter(copy="village", ended_at=None).count() == 1
    Assignment.objects.filter(area=village.village.area).delete()
    with pytest.raises(Problem, match="nobody_answers"):
        papers.wall(local_admin(), village.village.code)


def test_a_notice_holds_names_and_days_alone() -> None:
    found = Notice(
        title=Title("贫困户退出公示", "Exit"), proposed=Title("拟退出", "to exit"), place="甲村", office="西乡",
        tell="", begins=datetime.date(2018, 11, 1), ends=datetime.date(2018, 11, 7), provisional=False,
        lines=((f"张三{PHONE}", "甲村"), ("=cmd|' /C calc'!A0 #pagebreak() $x$", "甲村")),
    )  # fmt: skip
    data = papers._notice(found)
    assert data["days"] == "7"
    assert PHONE not in json.dumps(data)
    assert pdf.pdf_bytes(papers.NOTICE, data, found.begins).startswith(b"%PDF-")


# -- letters by a Word template -----------------------------------------------------------------------------------


def words(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(each.text for each in document.paragraphs), *cells])


def docx(text: str) -> bytes:
    document = Document()
    document.add_paragraph(text)
    held = io.BytesIO()
    document.save(held)
    return held.getvalue()


def test_letters_by_the_default_template_bear_no_code_and_no_private_number(village: Village) -> None:
    letter = words(letters.letters(village.clerk("village"), village.village.code))
    assert "户主甲" in letter
    assert "13800000001" in letter
    assert "产业：发放母猪两头" in letter
    for secret in (PHONE, "6222021234567890123", "大病", "尿毒症", "endfor", "{{"):
        assert secret not in letter


def test_a_county_hands_in_its_template_and_goes_back(village: Village) -> None:
    client = signed_in(village.user())
    where = f"/duties/letters/template/?area={village.county.code}"
    own = docx("本县函 {% for 户 in 户表 %}{{ 户.户主 }} {% endfor %}")
    answer = client.post(where, {"do": "hand_in", "template": SimpleUploadedFile("../函.docx", own)})
    assert answer.status_code == 302
    assert words(letters.letters(local_admin(), village.village.code)).startswith("本县函 户主甲 户主乙")
    assert "精准帮扶告知书" in words(letters.letters(local_admin(), village.away.code))
    again = client.post(where, {"do": "hand_in", "template": SimpleUploadedFile("函.docx", own)})
    assert again.status_code == 400
    bad = client.post(where, {"template": SimpleUploadedFile("函.docx", docx("{{ 身份证号 }} {{ 户表.x }}"))})
    assert bad.status_code == 400
    assert "身份证号" in bad.content.decode()
    for content in (b"", b"x", b"PK\x03\x04"):
        refused = client.post(where, {"template": SimpleUploadedFile("函.docx", content)})
        assert refused.status_code == 400
    assert client.post(where, {"do": "default"}).status_code == 302
    assert "精准帮扶告知书" in words(letters.letters(local_admin(), village.village.code))
    assert [row.version for row in WordTemplate.objects.order_by("pk")] == [1, 2]
    assert AuditEntry.objects.filter(action="duties.keep_template").count() == 2


def test_templates_are_kept_by_the_county_alone(village: Village) -> None:
    for role in ("township", "village"):
        clerk = village.clerk(role)
        with pytest.raises(Refused):
            letters.hand_in(clerk, village.county.code, SimpleUploadedFile("a.docx", docx("x")))
    client = signed_in(village.user())
    for address in ("/duties/letters/template/", "/duties/letters/template/file/"):
        assert client.get(f"{address}?area={village.other.code}").status_code == 404
        assert client.get(f"{address}?area={village.village.code}").status_code == 200
    sample = client.get(f"/duties/letters/template/file/?area={village.county.code}&which=sample")
    assert "张样例" in words(sample.content)
    assert client.post(f"/duties/letters/?area={village.village.code}").content[:2] == b"PK"
    assert client.post(f"/duties/letters/?area={village.county.code}").status_code == 400


def test_the_api_tells_how_far_cards_are_and_whether_a_paper_holds(
    village: Village, made: list[dict[str, Any]]
) -> None:
    clerk = village.clerk("township")
    grants = [each.pk for each in grants_of(clerk)]
    secret = tokens.make_token(
        clerk, "t", grants=grants, permissions=["duties.view_cards", "register.view_household", "register.view_area"],
        days=1,
    )[1]  # fmt: skip
    client, headers = Client(), {"Authorization": f"Bearer {secret}"}
    ledger.print_ledger(local_admin(), village.village.code)
    rows = client.get("/api/cards", {"area": village.county.code}, headers=headers).json()
    assert [(row["households"], row["printed"]) for row in rows] == [(5, 0)]
    asked = {"area": village.village.code, "digest": made[0]["short"]}
    said = client.get("/api/ledgers/check", asked, headers=headers).json()
    assert (said["same"], said["changed"]) == (True, [])
    for area, digest, status in (
        (village.away.code, made[0]["digest"], 404), (village.village.code, "0" * 64, 404), ("", "x", 422),
        (village.village.code, "\0" * 16, 400),
    ):  # fmt: skip
        answer = client.get("/api/ledgers/check", {"area": area, "digest": digest}, headers=headers)
        assert answer.status_code == status
    assert client.get("/api/cards", {"area": village.other.code}, headers=headers).status_code == 404
