"""Official papers (GB/T 9704-2012): what is measured on the printed page, and on the Word file."""

from __future__ import annotations

import datetime
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from printed import Page, Rule, pages, words
from tuopin.core.papers import Kind, Number, OfficialPaper, Receipt, paragraphs
from tuopin.platform.documents.official import printing
from tuopin.platform.problems import Problem

DAY = datetime.date(2018, 12, 1)
LEFT, RIGHT, TOP, BOTTOM = 28.0, 184.0, 37.0, 262.0
WIDE, LINE = 156.0, 225 / 22
BODY = """近期，市暗访组对部分县区农村饮水安全工作进行了暗访，发现十二个方面五十八个问题，现提出如下要求。
一、提高政治站位
各县区要把思想和行动统一到中央和省委的决策部署上来。
二、建立整改台账。对照问题清单，逐条明确责任单位。
（一）立行立改。能够当即整改的，三个工作日内整改到位。
1.水质不达标的，由县级水利部门会同卫生健康部门检测。
（1）检测结果于十个工作日内报市指挥部办公室。"""
FILL = "扶贫工作要做细做实责任到人措施到户"  # no punctuation: nothing is squeezed


def paper(kind: Kind = Kind.DIRECTIVE, **more: Any) -> OfficialPaper:
    given: dict[str, Any] = {
        "kind": kind, "issuer": "示范市脱贫攻坚领导小组办公室", "title": "关于立即整改农村饮水安全暗访发现问题的指令",
        "body": paragraphs(BODY), "day": DAY, "number": Number("示脱贫办", 2018, 12),
        "addressees": ("甲县人民政府", "市水利局"), "mandate": "示范市脱贫攻坚领导小组",
        "attachments": ("问题清单", "整改情况报告表"), "copied": ("市委办公室", "市政府办公室"),
        "reported": ("市纪委监委驻市水利局纪检组", "甲县纪律检查委员会", "乙县纪律检查委员会", "丙县纪律检查委员会"),
    }  # fmt: skip
    return OfficialPaper(**given | more)


@cache
def printed(kind: Kind = Kind.DIRECTIVE, **more: Any) -> list[Page]:
    return pages(printing.paper_pdf(paper(kind, **more)))


def page_with(found: list[Page], beginning: str) -> Page:
    return next(page for page in found if any(words(line).startswith(beginning) for line in page.lines()))


def near(value: float, within: float = 1.0) -> Any:
    return pytest.approx(value, abs=within)


def reds(page: Page) -> list[Rule]:
    return sorted((rule for rule in page.rules if rule.colour == (1, 0, 0)), key=lambda rule: rule.at)


# -- the grid -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def full() -> list[Page]:
    return printed(body=paragraphs(FILL * 120))


def test_the_paper_is_a4_with_the_margins_of_the_standard(full: list[Page]) -> None:
    page = full[1]
    assert (page.width, page.height) == (near(210, 0.1), near(297, 0.1))
    text = [each for line in page.lines()[:-1] for each in line]
    assert min(each.left for each in text) == near(LEFT)
    assert max(each.right for each in text) == near(RIGHT)
    assert min(each.top for each in text) == near(TOP)
    assert max(each.bottom for each in text) <= BOTTOM


def test_a_full_page_has_22_lines_of_28_characters_in_16_point(full: list[Page]) -> None:
    *lines, number = full[1].lines()
    assert words(number) == "—2—"
    assert [len(line) for line in lines] == [28] * 22
    assert {round(each.size, 2) for line in lines for each in line} == {16}
    tops = [line[0].top for line in lines]
    assert [after - before for before, after in pairwise(tops)] == [near(LINE, 0.01)] * 21
    steps = [after.left - before.left for before, after in pairwise(lines[0])]
    assert steps == [near(WIDE / 28, 0.02)] * 27


def test_paragraphs_begin_two_characters_in_and_go_on_at_the_left(full: list[Page]) -> None:
    first = page_with(full, "受示范市")
    assert first.line("受示范市")[0].left == near(LEFT + 2 * WIDE / 28, 0.1)
    assert full[1].lines()[1][0].left == near(LEFT, 0.01)


def test_punctuation_neither_begins_a_line_nor_runs_over_the_edge() -> None:
    for page in printed(body=paragraphs("责任，落实；“四个意识”、（一户一策）、“两个维护”。" * 60))[:2]:
        for line in page.lines():
            assert words(line)[0] not in "，。；：、）”》"
            assert line[-1].left < RIGHT


# -- head, title, text -------------------------------------------------------------------------------------------


def test_the_red_head_stands_35_mm_below_the_type_area() -> None:
    head = printed()[0].line("示范市脱贫攻坚领导小组办公室文件")
    assert {each.colour for each in head} == {(1, 0, 0)}
    assert (head[0].left + head[-1].right) / 2 == near((LEFT + RIGHT) / 2, 0.1)
    assert head[0].top == near(TOP + 35)
    assert head[0].left > LEFT


@pytest.mark.parametrize("issuer", ["县扶贫办", "示范市巩固拓展脱贫攻坚成果同乡村振兴有效衔接工作领导小组办公室"])
def test_a_head_of_any_length_keeps_to_one_line_of_the_type_area(issuer: str) -> None:
    head = printed(issuer=issuer)[0].line(issuer)
    assert words(head) == f"{issuer}文件"
    assert head[0].left >= LEFT
    assert head[-1].right <= RIGHT


def test_the_red_line_is_4_mm_below_the_number_and_as_wide_as_the_type_area() -> None:
    page = printed()[0]
    (line,) = reds(page)
    assert (line.left, line.right) == (near(LEFT, 0.01), near(RIGHT, 0.01))
    assert line.width == near(0.5, 0.01)
    number = page.line("示脱贫办〔2018〕12号")
    assert line.at - number[0].bottom == near(4, 0.3)
    assert (number[0].left + number[-1].right) / 2 == near((LEFT + RIGHT) / 2, 0.5)
    assert number[0].size == near(16, 0.01)
    title = page.lines()[2]
    assert title[0].size == near(22, 0.01)
    assert title[0].top - line.at == near(2 * LINE, 2)  # two blank lines


def test_marks_stand_at_the_top_left_one_below_the_other() -> None:
    page = printed(copy=1, secrecy="内部", urgency="特急")[0]
    for at, (mark, font) in enumerate((("000001", "Serif"), ("内部", "Sans"), ("特急", "Sans"))):
        line = page.line(mark)
        assert line[0].left == near(LEFT, 0.01)
        assert line[0].top == near(TOP + at * LINE, 0.1)
        assert line[0].size == near(16, 0.01)
        assert font in line[0].font


def test_a_paper_that_goes_up_names_who_signed_it_off() -> None:
    page = printed(Kind.REPLY, signer="李样例")[0]
    line = page.line("示脱贫办")
    assert words(line) == "示脱贫办〔2018〕12号签发人：李样例"
    assert line[0].left == near(LEFT + WIDE / 28, 0.1)
    assert line[-1].right == near(RIGHT - WIDE / 28, 0.3)


def test_addressees_at_the_left_with_a_blank_line_above_and_a_colon() -> None:
    page = printed()[0]
    line = page.line("甲县人民政府、市水利局：")
    title = next(found for found in page.lines() if words(found).endswith("指令"))
    assert line[0].left == near(LEFT, 0.01)
    assert line[0].top - title[0].base == near(2 * LINE - 4.97, 1)


def test_levels_have_faces_of_their_own() -> None:
    found = printed()
    for beginning, font in (
        ("一、", "Sans"),
        ("二、", "Sans"),
        ("（一）", "Serif"),
        ("1.", "Serif"),
        ("（1）", "Serif"),
    ):
        assert font in page_with(found, beginning).line(beginning)[0].font
    mixed = page_with(found, "二、").line("二、")
    assert "Serif" in next(each for each in mixed if each.text == "对").font  # the heading is its first sentence


# -- what closes a paper ------------------------------------------------------------------------------------------


def test_attachments_a_blank_line_below_the_text_and_hanging() -> None:
    found = printed()
    page = page_with(found, "附件：1.问题清单")
    first, second = page.line("附件：1."), page.line("2.整改")
    assert first[0].left == near(LEFT + 2 * WIDE / 28, 0.1)
    assert second[0].left == near(next(each for each in first if each.text == "1").left, 0.1)
    assert second[2].left == near(next(each for each in first if each.text == "问").left, 0.1)


@pytest.mark.parametrize("issuer", ["甲县扶贫办", "示范市脱贫攻坚领导小组办公室"])
def test_signature_and_date_share_a_middle_and_leave_room_for_the_seal(issuer: str) -> None:
    page = page_with(printed(issuer=issuer), "2018年12月1日")
    lines = page.lines()
    at = next(at for at, line in enumerate(lines) if words(line) == "2018年12月1日")
    name, day = lines[at - 1], lines[at]
    assert words(name) == issuer
    assert (name[0].left + name[-1].right) / 2 == near((day[0].left + day[-1].right) / 2, 0.3)
    assert min(RIGHT - name[-1].right, RIGHT - day[-1].right) >= 2 * WIDE / 28 - 0.3
    if len(issuer) < 8:
        assert RIGHT - day[-1].right == near(4 * WIDE / 28, 0.3)
    assert name[0].top - lines[at - 2][0].base == near(3 * LINE - 4.97, 0.5)  # two blank lines


def test_the_imprint_sits_on_the_foot_of_the_last_even_page() -> None:
    for times in (1, 8, 15, 16, 17, 18, 19, 20, 21, 22, 30):
        found = printed(body=paragraphs(BODY + "\n" + FILL * times), mandate="", reported=())
        assert len(found) % 2 == 0
        first, middle, last = sorted(found[-1].rules, key=lambda rule: rule.at)
        assert last.at == near(BOTTOM, 0.05)
        assert (first.width, middle.width, last.width) == (near(0.35, 0.01), near(0.25, 0.01), near(0.35, 0.01))
        assert {(round(rule.left), round(rule.right)) for rule in (first, middle, last)} == {(28, 184)}
        text_ends = max((line[0].bottom for line in found[-1].lines() if line[0].size > 15), default=0)
        assert text_ends < first.at


@pytest.mark.parametrize("last", ["特此通知。", FILL * 6])
def test_no_sheet_bears_an_imprint_alone(last: str) -> None:
    """However long the text is: the end of it begins the sheet that the imprint ends."""
    turned = 0
    for count in range(16, 26):
        found = printed(body=paragraphs("\n".join([FILL] * count + [last])), attachments=())
        said = [sum(words(line)[:1] != "—" for line in page.lines()) for page in found]
        assert len(found) % 2 == 0
        assert min(said) > 0, (count, said)
        assert words(found[-1].lines()[-1 if said[-1] == len(found[-1].lines()) else -2]).endswith("印发")
        turned += len(found) > 2
    assert turned, "some text left no room"


@pytest.mark.parametrize("where", ["addressees", "copied", "reported"])
@pytest.mark.parametrize("kind", [Kind.DIRECTIVE, Kind.REMINDER])
def test_of_three_hundred_names_none_is_cut(kind: Kind, where: str) -> None:
    """Nor do they run off the page."""
    names = tuple(f"示范市{at:03d}区教育体育和文化旅游局" for at in range(290))
    found = printed(kind, **({"addressees": (), "copied": (), "reported": ()} | {where: names}))
    text = "".join(words(line) for page in found for line in page.lines() if words(line)[:1] != "—")
    assert [name for name in names if name not in text] == []
    assert max(each.bottom for page in found for line in page.lines() for each in line) < 280


def test_copies_are_in_14_point_one_character_in_and_end_with_a_stop() -> None:
    page = page_with(printed(), "抄报：")
    start = next(at for at, line in enumerate(page.lines()) if words(line).startswith("抄报："))
    first, second, copied, printed_by = page.lines()[start : start + 4]
    assert {round(each.size, 2) for line in (first, second, copied, printed_by) for each in line} == {14}
    one = 14 * 25.4 / 72
    assert first[0].left == near(LEFT + one, 0.1)
    assert max(each.left for each in first) < RIGHT - one
    assert second[0].left == near(first[3].left, 0.1)  # below the first name
    assert words(second).endswith("。")
    assert words(copied) == "抄送：市委办公室，市政府办公室。"
    assert words(printed_by) == "示范市脱贫攻坚领导小组办公室2018年12月1日印发"
    assert (printed_by[0].left, printed_by[-1].right) == (near(LEFT + one, 0.1), near(RIGHT - one, 0.1))


def test_page_numbers_7_mm_below_the_text_odd_right_even_left() -> None:
    odd, even = printed(body=paragraphs(FILL * 120))[:2]
    for page, number in ((odd, "—1—"), (even, "—2—")):
        line = page.line("—")
        assert words(line) == number
        assert line[0].size == near(14, 0.01)
        assert line[0].base - 0.35 * 14 * 25.4 / 72 == near(BOTTOM + 7, 0.5)  # the dash
    one = 14 * 25.4 / 72
    assert odd.line("—")[-1].right == near(RIGHT - one, 0.1)
    assert even.line("—")[0].left == near(LEFT + one, 0.1)


def test_pages_behind_the_text_bear_no_number() -> None:
    found = printed(body=paragraphs(BODY + "\n" + FILL * 30), reported=())
    last = max(at for at, page in enumerate(found) if any(line[0].size > 15 for line in page.lines()))
    numbered = [any(words(line).startswith("—") for line in page.lines()) for page in found]
    assert numbered == [at <= last for at in range(len(found))]


# -- letters, receipts, drafts -----------------------------------------------------------------------------------


def test_a_letter_has_double_lines_and_its_name_30_mm_from_the_edge() -> None:
    found = printed(Kind.REMINDER, title="关于尽快办结整改事项的督办函")
    page = found[0]
    head = page.line("示范市脱贫攻坚领导小组办公室")
    assert head[0].top == near(30)
    lines = reds(page)
    assert len(lines) == 4
    assert {(round(rule.left, 1), round(rule.right, 1)) for rule in lines} == {(20.0, 190.0)}
    assert lines[0].at - lines[0].width / 2 - head[0].bottom == near(4, 0.6)
    assert lines[0].width > lines[1].width
    assert lines[2].width < lines[3].width
    assert page.height - lines[3].at == near(20, 0.5)
    number = page.line("示脱贫办〔2018〕12号")
    assert number[-1].right == near(RIGHT, 0.3)
    assert not any(words(line).startswith("—") for line in page.lines())  # the first page bears no number
    assert not any(reds(each) for each in found[1:])


def test_a_letter_names_copies_at_its_foot_without_lines() -> None:
    last = printed(Kind.REMINDER)[-1]
    assert [rule for rule in last.rules if rule.colour != (1, 0, 0)] == []
    copied = last.line("抄送：")
    assert copied[0].bottom == near(BOTTOM, 0.2)
    assert "印发" not in "".join(map(words, last.lines()))


def test_a_paper_without_a_number_says_that_it_is_a_draft() -> None:
    for page in printed(number=None):
        assert any("草稿" in words(line) for line in page.lines())
    assert not any("草稿" in words(line) for page in printed() for line in page.lines())


def test_a_receipt_bears_what_was_taken_and_leaves_the_rest_to_the_hand() -> None:
    made = printing.receipt_pdf(
        Receipt("示范市", "示脱贫办〔2018〕12号", "指令", "特急", "市水利局", DAY, "2018-12-24")
    )
    (page,) = pages(made)
    text = "".join(map(words, page.lines()))
    for each in ("示脱贫办〔2018〕12号", "市水利局", "2018-12-24", "签收人", "签收时间"):
        assert each in text


# -- what people type ---------------------------------------------------------------------------------------------


def test_what_people_type_stays_text_and_the_same_paper_gives_the_same_bytes() -> None:
    hostile = paper(
        title='#read("/etc/passwd") $x$ *b*', issuer="#eval(1)", addressees=("= h", "\u202eabc"), note="\0<script>",
        body=paragraphs('#{while true {}}\n"; json("x")\n' + "x" * 3_000 + "\n\U0001f600"), attachments=("@ref",) * 30,
    )  # fmt: skip
    first = printing.paper_pdf(hostile)
    assert printing.paper_pdf(hostile) == first
    text = "".join(words(line) for page in pages(first) for line in page.lines())
    assert '#read("/etc/passwd")' in text.replace(" ", "")
    assert "U+1F600" in text


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(Problem) as caught:
        printing.paper_pdf(paper(Kind.REPLY, title=" ", body=(), addressees=("长" * 61,), day=datetime.date(1, 1, 1)))
    assert caught.value.details["faults"] == ["no_title", "no_body", "no_signer", "name_too_long", "day"]
