"""Cards: what they say and never say, codes that live once, printing, handing over; the page behind the code."""

from __future__ import annotations

import dataclasses
import datetime
import json
import re
import threading
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone

from officials import assigned
from people import account, signed_in
from rooms.duties.place import PASSWORD
from rooms.duties.printed import ID_NUMBER, PHONE, file_of, inside, village
from tuopin.duties.cards import codes, content, fitting, printing, selectors, services, telling
from tuopin.duties.models import Assignment, CardCode, CardPrint, Official
from tuopin.platform import worker
from tuopin.platform.access import Actor, actor_for, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.documents import pdf
from tuopin.platform.models import AuditEntry, Job
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register import cards as register_cards
from tuopin.register.models import HouseholdCard, HouseholdIncome, Residence

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import DjangoAssertNumQueries

    from rooms.duties.printed import Village

__all__ = ["village"]  # a fixture
pytestmark = pytest.mark.django_db(transaction=True)
TODAY = timezone.localdate


@pytest.fixture
def papers(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The data of every PDF made meanwhile, in place of the PDF."""
    made: list[dict[str, Any]] = []

    def noted(template: str, data: dict[str, Any], target: Path, day: datetime.date) -> pdf.Made:
        made.append(json.loads(json.dumps(data)))
        target.write_bytes(b"%PDF-")
        return pdf.Made(())

    monkeypatch.setattr(pdf, "write_pdf", noted)
    return made


def code_of(paper: dict[str, Any], at: int = 0, copy: str = "household") -> str:
    return next(str(each["code"]) for each in paper["cards"][at]["copies"] if each["kind"] == copy)


def printed(actor: Actor, village: Village, papers: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    given = {"copies": "both", "only": "all", **more}
    assert (
        printing.print_cards(actor, village.village.code, given.pop("copies"), given.pop("only"), **given) is not None
    )
    return papers[-1]


# -- codes --------------------------------------------------------------------------------------------------------


def test_a_code_has_a_check_digit_and_stands_under_a_key() -> None:
    made = {codes.new_code() for _ in range(200)}
    assert len(made) == 200
    for code in made:
        assert codes.normal(f" {codes.grouped(code)} ") == code
        assert codes.normal(code.translate(str.maketrans("0123456789", "０１２３４５６７８９"))) == code
        wrong = code[:7] + str((int(code[7]) + 1) % 10) + code[8:]
        assert codes.normal(wrong) is None
        assert code not in codes.key_of(code)
    for text in ("", "1" * 19, "x" * 20, "1" * 10_000, "\0" * 20, "٣" * 20, "1" * 20 + "\n;drop"):
        assert codes.normal(text) is None or text.strip() == codes.normal(text)


# -- what a card says ---------------------------------------------------------------------------------------------


def test_a_card_names_who_helps_and_nothing_of_a_closed_class(village: Village) -> None:
    first = content.of_village(village.village, TODAY())[0]
    told = json.dumps(first.document(), ensure_ascii=False)
    assert [each.phone for each in first.helpers] == ["13800000001"]
    assert [each.name for each in first.village] == ["赵敏"]
    assert [each.content for each in first.measures] == ["发放母猪两头", "（详情请问帮扶责任人）"]
    for secret in (PHONE, "6222021234567890123", "大病", "尿毒症", "因病", "illness"):
        assert secret not in told


def test_only_the_signed_plan_stands_on_the_card(village: Village) -> None:
    before = content.of_village(village.village, TODAY())[0].digest
    village.plan(village.here[0], 2, signed=False)
    assert content.of_village(village.village, TODAY())[0].digest == before
    assert content.of_household(village.here[1].pk, TODAY()).measures == ()  # type: ignore[union-attr]  # there


def test_cancelled_and_departed_households_have_no_card(village: Village) -> None:
    listed = {each.code for each in content.of_village(village.village, TODAY())}
    assert listed == {each.code for each in village.here[:5]}
    Residence.objects.filter(household=village.here[1]).update(valid_to=TODAY())
    register_cards.refresh_all()
    assert content.of_household(village.here[1].pk, TODAY()) is None


def test_groups_stand_in_the_order_of_their_numbers() -> None:
    groups = ["", "第10组", "第2组", "东庄"]
    assert sorted(groups, key=content.group_order) == ["东庄", "第2组", "第10组", ""]


def test_contents_take_the_same_statements_however_many(
    village: Village, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(9):
        assert len(content.of_village(village.village, TODAY())) == 5
    with django_assert_max_num_queries(9):
        assert len(content.of_villages([village.away, village.village], TODAY())) == 11


def test_what_a_text_tells_of_health_and_which_numbers_go() -> None:
    assert telling.tells_health("照料尿毒症病人")
    assert not telling.tells_health("种植中药材三亩")
    assert telling.public("2018-06-30 前发放 1200000 元，电话 139-1234-5678") == "2018-06-30 前发放 1200000 元，电话"
    assert telling.public(f"身份证 {ID_NUMBER}") == "身份证"


def test_what_is_not_known_of_an_income_is_said(village: Village) -> None:
    day = datetime.date(2018, 12, 31)
    given = {"wage": 1_200_000, "business": None, "property": 0, "transfer": 30_000, "business_cost": None}
    for household, lines in ((village.here[0], given), (village.here[1], dict.fromkeys(given))):
        HouseholdIncome.objects.create(household=household, year=2018, as_of=day, recorded_at=timezone.now(), **lines)
    register_cards.refresh_all()
    first, second = content.of_village(village.village, TODAY())[:2]
    assert first.income == (
        ("工资性", "12,000.00"), ("生产经营性", "未知"), ("转移性", "300.00"), ("经营支出", "未知")
    )  # fmt: skip
    assert second.income == ()


def test_long_texts_leave_room_for_how_to_complain(village: Village) -> None:
    first = content.of_village(village.village, TODAY())[0]
    long = content.Measure("产业", "长" * 300, "位" * 200, "2018-06-30", done=False)
    many = dataclasses.replace(
        first, head="x" * 90, measures=(long,) * 7, more=2, helpers=first.helpers * 9, village=first.village * 2
    )
    shown = fitting.fitted(many, TODAY())
    assert [len(row["content"]) for row in shown["measures"]] == [60, 60, 60]
    assert shown["more"] == 6
    assert (len(shown["helpers"]), len(shown["village"]), shown["others"]) == (4, 2, 5)
    assert len(shown["head"]) == 16
    short = dataclasses.replace(first, measures=(dataclasses.replace(long, content="猪", by="局"),) * 7, more=2)
    assert (len(fitting.fitted(short, TODAY())["measures"]), fitting.fitted(short, TODAY())["more"]) == (7, 2)


# -- printing -----------------------------------------------------------------------------------------------------


def test_both_copies_bear_codes_of_their_own_kept_as_keys(village: Village, papers: list[dict[str, Any]]) -> None:
    paper = printed(local_admin(), village, papers)
    assert len(paper["cards"]) == 5
    shown = [copy["code"] for card in paper["cards"] for copy in card["copies"]]
    assert len(set(shown)) == 10
    rows = list(CardCode.objects.all())
    assert {codes.key_of(code.replace(" ", "")) for code in shown} == {row.key for row in rows}
    entry = AuditEntry.objects.get(action="duties.print_cards")
    assert not any(code.replace(" ", "") in entry.detail for code in shown)
    assert CardPrint.objects.get().digest == entry.digest


def test_a_reprint_ends_the_old_card_and_what_is_up_to_date_is_not_printed(
    village: Village, papers: list[dict[str, Any]]
) -> None:
    old = code_of(printed(local_admin(), village, papers))
    assert services.open_code(old) is not None
    assert printing.print_cards(local_admin(), village.village.code, "both", "due") is None
    assigned("王强", "县财政局", "13800000005", household=village.here[0], role="assistant")
    paper = printed(local_admin(), village, papers, only="due")
    assert [card["code"] for card in paper["cards"]] == [village.here[0].code]
    assert services.open_code(old) is None
    assert services.open_code(code_of(paper)) is not None
    assert CardCode.objects.filter(ended="reprinted").count() == 2
    services.end(
        local_admin(), [CardCode.objects.get(household=village.here[3], copy="helper", ended_at=None).pk], "lost"
    )
    paper = printed(local_admin(), village, papers, only="due")
    assert [[copy["kind"] for copy in card["copies"]] for card in paper["cards"]] == [["helper"]]


def test_codes_live_only_when_their_paper_was_made(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_given: Any) -> pdf.Made:
        raise Problem("document_too_large", "太多", "too much")

    monkeypatch.setattr(pdf, "write_pdf", failing)
    with pytest.raises(Problem, match="document_too_large"):
        printing.print_cards(local_admin(), village.village.code, "both", "all")
    assert not CardCode.objects.exists()
    assert not AuditEntry.objects.filter(action="duties.print_cards").exists()


def test_who_helps_a_household_does_not_print_its_own_copy(village: Village, papers: list[dict[str, Any]]) -> None:
    user = village.user()
    Official.objects.filter(name="李娜").update(user=user)
    actor = Actor("user", user.pk, user.username)
    assert printing.plan(actor, village.village.code, "both", "all").left_out == {village.here[0].pk}
    paper = printed(actor, village, papers)
    copies = {card["code"]: [copy["kind"] for copy in card["copies"]] for card in paper["cards"]}
    assert copies[village.here[0].code] == ["helper"]
    assert copies[village.here[1].code] == ["household", "helper"]
    assert CardPrint.objects.get().left_out == 1


def test_printing_needs_the_grant_and_a_village(village: Village) -> None:
    clerk = village.clerk()
    for code, error in ((village.away.code, Missing), (village.county.code, Problem), ("nothing", Missing)):
        with pytest.raises(error):
            printing.plan(clerk, code, "both", "all")
    with pytest.raises(Refused):
        printing.plan(village.clerk("village"), village.village.code, "both", "all")
    with pytest.raises(Problem, match="bad_form"):
        printing.plan(clerk, village.village.code, "three", "all")
    with pytest.raises(Missing):
        printing.plan(clerk, village.village.code, "both", "all", village.there[0].code)


def test_the_file_is_a_tagged_document_of_a_page_a_household(village: Village, settings: Any) -> None:
    settings.TUOPIN_PUBLIC_ADDRESS = "https://cards.example.org"
    village.profile(village.here[2], "#王*五*$x$ `code` @ref <label> \u202e𠮷")
    register_cards.refresh_all()
    made = printing.print_cards(local_admin(), village.village.code, "both", "all")
    assert made is not None
    content_of = inside(file_of(local_admin(), made))
    assert content_of.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in content_of
    assert re.search(rb"/Lang\s*\(zh-CN\)", content_of)
    assert len(re.findall(rb"/Type\s*/Page\b", content_of)) in {5, 6}  # the sixth names the lacking character


def test_the_job_prints_and_leads_to_the_file(village: Village, papers: list[dict[str, Any]]) -> None:
    client = signed_in(village.user())
    page = client.get(f"/duties/cards/print/?area={village.village.code}")
    assert page.status_code == 200
    assert "5 户" in page.content.decode()
    answer = client.post(f"/duties/cards/print/?area={village.village.code}", {"do": "begin", "copies": "both"})
    assert answer.status_code == 302
    worker.work(threading.Event(), until_empty=True)
    job = Job.objects.get()
    assert job.state == Job.State.DONE, job.error
    fetched = client.get(str((job.result or {})["href"]))
    assert fetched.status_code == 200
    assert b"".join(fetched).startswith(b"%PDF-")
    fetched.close()
    assert CardCode.objects.count() == 10


# -- after printing -----------------------------------------------------------------------------------------------


def test_handing_over_and_ending(village: Village, papers: list[dict[str, Any]]) -> None:
    paper = printed(local_admin(), village, papers)
    clerk = village.clerk("village")
    one = CardCode.objects.get(household=village.here[0], copy="household")
    assert services.hand_over(clerk, [one.pk], TODAY()) == 1
    assert services.hand_over(clerk, [one.pk], TODAY()) == 0
    for day, error in ((TODAY() + datetime.timedelta(days=1), "future_day"), (datetime.date(2018, 1, 1), "before")):
        with pytest.raises(Problem, match=error):
            services.hand_over(clerk, [one.pk], day)
    assert services.end(clerk, [one.pk], "lost") == 1
    assert services.open_code(code_of(paper)) is None
    for numbers in ([one.pk], [10**15], [*range(1, 1500)], []):
        with pytest.raises(Problem):
            services.end(clerk, numbers, "lost")
    with pytest.raises(Problem, match="bad_reason"):
        services.end(clerk, [one.pk], "reprinted")


def test_cards_of_who_lives_nowhere_are_listed_and_ended(village: Village, papers: list[dict[str, Any]]) -> None:
    printed(local_admin(), village, papers)
    home = village.here[0]
    Residence.objects.filter(household=home, valid_to=None).update(valid_to=TODAY())
    register_cards.refresh_all()
    keys = list(CardCode.objects.filter(household=home, ended_at=None).values_list("pk", flat=True))
    assert len(keys) == 2
    user = village.user("village")
    client, where = signed_in(user), f"/duties/cards/?area={village.village.code}"
    shown = client.get(where).content.decode()
    assert "卡还未停用" in shown
    assert all(f'value="{key}"' in shown for key in keys)
    with pytest.raises(Missing):
        services.hand_over(actor_for(user), keys, TODAY())
    with pytest.raises(Missing):
        services.end(actor_for(account("elsewhere", "county", village.away.code)), keys, "gone")
    given = {"do": "end", "card": [str(key) for key in keys], "why": "gone"}
    assert client.post(f"/duties/cards/mark/?area={village.village.code}", given).status_code == 302
    assert set(CardCode.objects.filter(household=home).values_list("ended", flat=True)) == {"gone"}
    assert "卡还未停用" not in client.get(where).content.decode()


def test_a_cancelled_household_s_card_is_listed_where_it_lives(village: Village, papers: list[dict[str, Any]]) -> None:
    printed(local_admin(), village, papers)
    HouseholdCard.objects.filter(pk=village.here[1].pk).update(registration="cancelled", monitoring="none")
    left = selectors.left_behind(local_admin(), village.village)
    assert {each.household_id for each in left} == {village.here[1].pk}


def test_cards_of_another_county_are_not_there(village: Village, papers: list[dict[str, Any]]) -> None:
    printing.print_cards(local_admin(), village.away.code, "both", "all")
    theirs = CardCode.objects.filter(household=village.there[0]).values_list("pk", flat=True)
    clerk = village.clerk()
    for act in (lambda: services.hand_over(clerk, theirs, TODAY()), lambda: services.end(clerk, theirs, "lost")):
        with pytest.raises(Missing):
            act()
    assert not CardCode.objects.exclude(ended_at=None).exists()


def test_the_page_of_a_village_shows_states_in_few_statements(
    village: Village, papers: list[dict[str, Any]], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(village.user())
    printed(local_admin(), village, papers)
    assigned("新人", "县教育局", "13800000077", household=village.here[1])
    with django_assert_max_num_queries(20):
        shown = client.get(f"/duties/cards/?area={village.village.code}").content.decode()
    assert shown.count("已打印") == 10
    assert shown.count(">内容有变<") == 1
    number = str(CardCode.objects.get(household=village.here[0], copy="household").pk)
    where = f"/duties/cards/mark/?area={village.village.code}"
    assert client.post(where, {"do": "hand_over", "card": number, "day": TODAY().isoformat()}).status_code == 302
    assert "已送达" in client.get(f"/duties/cards/?area={village.village.code}").content.decode()
    for given in ({"do": "hand_over", "card": number, "day": "0000-99-99"}, {"do": "x"}, {"do": "end", "card": "x"}):
        assert client.post(where, given).status_code == 400
    above = client.get(f"/duties/cards/?area={village.county.code}").content.decode()
    assert ">5<" in above
    assert client.get(f"/duties/cards/?area={village.away.code}").status_code == 404


def test_the_preview_is_a_picture_whose_code_opens_nothing(village: Village) -> None:
    client = signed_in(village.user())
    answer = client.get(f"/duties/cards/preview/?area={village.village.code}")
    assert answer.content.startswith(b"\x89PNG")
    assert "no-store" in answer.headers["Cache-Control"]
    assert not CardCode.objects.exists()
    assert services.open_code("0" * 20) is None


# -- the public page ----------------------------------------------------------------------------------------------


def test_the_household_s_code_opens_its_card_and_the_helper_s_the_contact_alone(
    village: Village, papers: list[dict[str, Any]]
) -> None:
    paper = printed(local_admin(), village, papers)
    visitor = Client()
    own = visitor.post("/duties/card/", {"code": code_of(paper)})
    shown = own.content.decode()
    assert "13800000001" in shown
    assert "发放母猪两头" in shown
    assert "户主甲" in shown
    for secret in (PHONE, "6222021234567890123", "大病", "因病"):
        assert secret not in shown
    assert "no-store" in own.headers["Cache-Control"]
    assert "noindex" in own.headers["X-Robots-Tag"]
    assert own.headers["Referrer-Policy"] == "same-origin"  # with less a browser sends no origin, and no form passes
    helper = visitor.post("/duties/card/", {"code": code_of(paper, copy="helper")}).content.decode()
    assert "13800000001" in helper
    for secret in ("户主甲", "发放母猪两头", village.here[0].code, "未脱贫"):
        assert secret not in helper


def test_wrong_ended_and_departed_codes_look_alike(village: Village, papers: list[dict[str, Any]]) -> None:
    paper = printed(local_admin(), village, papers)
    services.end(local_admin(), [CardCode.objects.get(household=village.here[1], copy="household").pk], "lost")
    Residence.objects.filter(household=village.here[2]).update(valid_to=TODAY())
    register_cards.refresh_all()
    visitor = Client()
    given = ["", "1", "0" * 20, codes.new_code(), code_of(paper, 1), code_of(paper, 2), "x\0y", "9" * 5_000]
    answers = [visitor.post("/duties/card/", {"code": text}) for text in given]
    bodies = {re.sub(r'csrfmiddlewaretoken" value="\w+"', "", each.content.decode()) for each in answers}
    assert {each.status_code for each in answers} == {404}
    assert len(bodies) == 1


def test_the_code_stands_in_no_address_and_no_log(
    village: Village, papers: list[dict[str, Any]], settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.TUOPIN_PUBLIC_ADDRESS = "https://cards.example.org"
    code = code_of(printed(local_admin(), village, papers)).replace(" ", "")
    visitor = Client()
    visitor.post("/duties/card/", {"code": code})
    assert visitor.get(f"/duties/card/?code={code}").content.decode().count(code) <= 1  # the language form's way back
    assert "发放母猪两头" not in visitor.get(f"/duties/card/?code={code}").content.decode()
    assert code not in caplog.text
    assert not AuditEntry.objects.filter(detail__contains=code).exists()


def test_guessing_is_throttled(village: Village, papers: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    code = code_of(printed(local_admin(), village, papers))
    monkeypatch.setattr("tuopin.platform.accounts.throttle.FAILURES", 3)
    visitor = Client()
    for _ in range(3):
        assert visitor.post("/duties/card/", {"code": "1"}).status_code == 404
    assert visitor.post("/duties/card/", {"code": code}).status_code == 429
    assert "次数太多" not in visitor.post("/sign-in/", {"username": "x", "password": "y"}).content.decode()
    elsewhere = Client(REMOTE_ADDR="10.9.8.7")
    assert elsewhere.post("/duties/card/", {"code": code}).status_code == 200


def test_helpers_see_no_state_of_cards(village: Village) -> None:
    user = accounts.add_user(local_admin(), "helper-1", PASSWORD, must_change=False)[0]
    accounts.grant(local_admin(), user, "helper", "household", village.here[0].pk)
    client = signed_in(user)
    for address in (f"/duties/cards/?area={village.village.code}", "/duties/cards/print/", "/duties/cards/preview/"):
        assert client.get(address).status_code == 404
    assert Assignment.objects.exists()
