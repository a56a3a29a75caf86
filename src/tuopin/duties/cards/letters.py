"""The letter to households (帮扶告知书) as a Word template that a county edits: versions, what they may name, filling.

The letter bears no code: those are on the cards alone."""

from __future__ import annotations

import hashlib
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import require
from tuopin.platform.auditing import audit, readlog
from tuopin.platform.database import exclusive, write
from tuopin.platform.documents import word
from tuopin.platform.problems import Problem
from tuopin.platform.uploads import shown_name
from tuopin.register import selectors as register
from tuopin.register.areas import ids
from tuopin.register.permissions import VIEW_HOUSEHOLD

from ..models import WordTemplate
from ..permissions import KEEP_TEMPLATES, PRINT_PAPERS
from . import content
from .printing import office_of

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from tuopin.platform.access import Actor
    from tuopin.platform.documents.strict import Fields
    from tuopin.register.models import AreaVersion

    from .content import Content

FIELDS: Fields = {
    "地点": "县、乡镇、村",
    "制发单位": "县",
    "日期": "打印日期",
    "户表": {
        "户主": "户主姓名",
        "户编号": "户编号",
        "组": "村民小组",
        "人口": "家庭人口",
        "状态": "脱贫状态",
        "帮扶责任人": "姓名",
        "帮扶单位": "单位",
        "帮扶电话": "电话",
        "措施表": {"类别": "类别", "内容": "措施内容", "谁来办": "实施单位", "期限": "期限", "进展": "进展"},
    },
}
"""What a template may name."""
_ENGLISH = {
    "地点": "county, township, village", "制发单位": "the county", "日期": "day of printing",
    "户主": "name of the head", "户编号": "code of the household", "组": "group of the village", "人口": "members",
    "状态": "status",
    "帮扶责任人": "name of the helper", "帮扶单位": "the helper’s unit", "帮扶电话": "the helper’s telephone",
    "类别": "class of the measure", "内容": "what is done", "谁来办": "who does it",
    "期限": "by when", "进展": "how far it is",
}  # fmt: skip


def fields() -> list[tuple[str, str, Title]]:
    """(name, in which list, meaning), for the page; a list has no meaning of its own."""
    found: list[tuple[str, str, Title]] = []

    def walk(part: Fields, inside: str) -> None:
        for name, what in part.items():
            if isinstance(what, dict):
                found.append((name, inside, Title("表", "a list")))
                walk(what, name)
            else:
                found.append((name, inside, Title(what, _ENGLISH[name])))

    walk(FIELDS, "")
    return found


@cache
def default() -> bytes:
    """The template of the product, to begin from."""
    from docx import Document
    from docx.enum.text import WD_BREAK
    from docx.oxml.ns import qn
    from docx.shared import Pt

    document = Document()
    style = document.styles["Normal"]
    style.font.name, style.font.size = "宋体", Pt(14)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "宋体")
    add = document.add_paragraph
    add("{%p for 户 in 户表 %}")
    document.add_heading("精准帮扶告知书", level=1)
    add("{{ 户.户主 }}（户编号 {{ 户.户编号 }}，{{ 地点 }} {{ 户.组 }}，{{ 户.人口 }} 人，{{ 户.状态 }}）：")
    add("您家的帮扶责任人是 {{ 户.帮扶责任人 }}（{{ 户.帮扶单位 }}），电话 {{ 户.帮扶电话 }}，有事请随时联系。")
    add("{%p if 户.措施表 %}")
    add("今年的帮扶措施：")
    table = document.add_table(rows=4, cols=4)
    table.style = "Table Grid"
    for at, title in enumerate(("措施", "谁来办", "期限", "进展")):
        table.rows[0].cells[at].text = title
    table.rows[1].cells[0].text = "{%tr for 项 in 户.措施表 %}"
    for at, name in enumerate(("{{ 项.类别 }}：{{ 项.内容 }}", "{{ 项.谁来办 }}", "{{ 项.期限 }}", "{{ 项.进展 }}")):
        table.rows[2].cells[at].text = name
    table.rows[3].cells[0].text = "{%tr endfor %}"
    add("{%p endif %}")
    add("{{ 制发单位 }}　{{ 日期 }}")
    add().add_run().add_break(WD_BREAK.PAGE)
    add("{%p endfor %}")
    held = BytesIO()
    document.save(held)
    return held.getvalue()


def sample() -> dict[str, Any]:
    """Invented data, for a preview and for the check."""
    measure = {"类别": "产业", "内容": "发放母猪", "谁来办": "农业服务中心", "期限": "2018-06-30", "进展": "已落实"}
    person = {
        "户主": "张样例", "户编号": "9900000000000001", "组": "第1组", "人口": "4", "状态": "未脱贫",
        "帮扶责任人": "李样例", "帮扶单位": "县样例局", "帮扶电话": "13800000000", "措施表": [measure],
    }  # fmt: skip
    return {"地点": "样例县 样例乡 样例村", "制发单位": "样例县", "日期": "2018-12-01",
            "户表": [person, {**person, "户主": "王样例", "措施表": []}]}  # fmt: skip


# -- versions -----------------------------------------------------------------------------------------------------


def versions(actor: Actor, county: AreaVersion, most: int = 20) -> list[WordTemplate]:
    """The newest versions of a county's template. Raises Refused."""
    require(actor, PRINT_PAPERS, area_path=county.path)
    return list(WordTemplate.objects.filter(area_id=county.area_id).defer("content").order_by("-version")[:most])


def template_of(area: AreaVersion) -> tuple[bytes, int]:
    """The template that holds for an area, and its version: that of the nearest area above it, else the default (0)."""
    rows = WordTemplate.objects.filter(area_id__in=ids(area.path)).order_by("version")
    newest = {row.area_id: row for row in rows.defer("content")}
    for area_id in reversed(ids(area.path)):
        if (row := newest.get(area_id)) is not None:
            if not row.digest:
                return default(), 0
            held = WordTemplate.objects.get(pk=row.pk)
            return bytes(held.content), held.version
    return default(), 0


def hand_in(actor: Actor, code: str, file: UploadedFile[bytes] | None) -> WordTemplate:
    """Take a template in as a county's next version, once it was checked and filled with invented data; None goes back
    to the default. Must not run inside a transaction. Raises Problem that names every fault."""
    county = register.area(actor, code)
    require(actor, KEEP_TEMPLATES, area_path=county.path)
    held = b""
    if file is not None:
        held = file.read(word.LARGEST + 1)
        word.fill(held, FIELDS, sample())
    name = shown_name(file.name or "") if file is not None else ""
    digest = hashlib.sha256(held).hexdigest() if held else ""
    with exclusive("duties-templates"), write():
        last = WordTemplate.objects.filter(area_id=county.area_id).order_by("-version").first()
        if last is not None and last.digest == digest:
            raise Problem("same_template", "这个模板和正在用的一样。", "This is the template in use.")
        row = WordTemplate.objects.create(
            area_id=county.area_id, version=(last.version if last else 0) + 1, name=name[:120], digest=digest,
            content=held, at=timezone.now(), actor=actor.name or actor.os_user, user_id=actor.user_id,
        )  # fmt: skip
        detail: dict[str, object] = {"area": county.code, "version": row.version}
        audit.record(actor, "duties.keep_template", f"word_template:{row.pk}", detail, digest)
    return row


# -- filling ------------------------------------------------------------------------------------------------------


def letters(actor: Actor, code: str) -> bytes:
    """The letters to the households of a village, as one Word document by the county's template. Raises Problem."""
    village = register.area(actor, code)
    require(actor, PRINT_PAPERS, area_path=village.path)
    require(actor, VIEW_HOUSEHOLD, area_path=village.path)
    if village.level != "village":
        raise Problem("letters_by_village", "告知书按村生成。请先选择一个村。", "Letters are made by village.")
    today = timezone.localdate()
    found = content.of_village(village, today)
    data = {
        "地点": content.place_of(village, today), "制发单位": office_of(village), "日期": today.isoformat(),
        "户表": [_row(each) for each in found],
    }  # fmt: skip
    made = word.fill(template_of(village)[0], FIELDS, data)
    readlog.read(actor, "duties.letters", {"area": code}, len(found), hashlib.sha256(made).hexdigest())
    return made


def _row(each: Content) -> dict[str, Any]:
    today = timezone.localdate()
    helper = each.helpers[0] if each.helpers else None
    return {
        "户主": each.head, "户编号": each.code, "组": each.group, "人口": str(each.members), "状态": each.status,
        "帮扶责任人": helper.name if helper else "（待指定）", "帮扶单位": helper.unit if helper else "",
        "帮扶电话": helper.phone if helper else "",
        "措施表": [
            {"类别": row.sort, "内容": row.content, "谁来办": row.by, "期限": row.due, "进展": row.state(today).zh}
            for row in each.measures
        ],
    }  # fmt: skip
