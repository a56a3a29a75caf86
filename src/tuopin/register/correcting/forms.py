"""The form of one household and its members, or of one village: what it shows, and what was changed in it.

Only what differs from the version that was looked at is a change: a form that stayed open while others corrected
something else takes nothing back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.core.workbook.values import Bad, parse_date
from tuopin.platform.given import whole_number
from tuopin.platform.problems import Problem

from ..household_file import ledger_rows
from ..issue_codes import issue_codes
from ..models import Membership, PersonIdentity
from ..models.blocks import Source
from ..record import masked
from . import versions
from .fields import BLOCK_TITLES, Correctable, Value, of_level, read, shown, value_of, written
from .services import Change, Clash, Why

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import QueryDict

    from ..models import FactBlock
    from .subjects import Subject

UNKNOWN_WORDS = frozenset({"未知", "unknown"})
SECRET = frozenset({"id_number", "disability_number", "bank_account"})
"""Never printed whole: the field is empty, and what is typed replaces what stands."""
SOURCES: Mapping[str, Title] = {
    "by_hand": Title("手工核对", "checked by hand"),
    "visit": Title("入户走访", "visit"),
    "department_list": Title("部门名单", "department list"),
    "national_export": Title("国网导出", "national export"),
}
FAULTS: Mapping[str, Title] = {
    "too_long": Title("文字过长", "text too long"),
    "bad_text": Title("文字过长或含有控制字符", "text too long, or with control characters"),
    "no_such_subject": Title("没有找到，或不在您的管辖范围内", "not found, or outside your grants"),
    "field_closed": Title("您无权查看这一项", "this field is not open to you"),
    "newer_version": Title("已有更晚日期的记录，请改用更晚的情况日期", "there is a newer record: give a later day"),
    "rows_disagree": Title("同一户各行填写不一致", "rows of one household disagree"),
    "bad_number": Title("不是可读的数字", "not a readable number"),
    "no_unit": Title("请写明单位，如 1.5%", "give the unit, such as 1.5%"),
    "out_of_range": Title("超出可能的范围", "beyond what is possible"),
    "bad_date": Title("不是真实日期，请写作 2018-12-01", "not a real date: write 2018-12-01"),
    "bad_boolean": Title("请填“是”或“否”", "write yes or no"),
    "bad_code": Title("不在选项之内", "not among the allowed values"),
}


def fault_title(code: str) -> Title:
    """A fault of a value in words."""
    known = issue_codes().get(code)
    return FAULTS.get(code) or (known.title if known else Title(code, code))


@dataclass(slots=True)
class Input:
    """A field as the form prints it. ``kind``: choice, several, text, secret. ``written`` is what stands in it."""

    name: str
    item: Correctable
    kind: str
    written: str
    options: list[tuple[str, Title, bool]] = field(default_factory=list)
    present: Title | None = None
    unreadable: str = ""
    mark: Title | None = None
    error: Title | None = None
    clash: Clash | None = None
    mine: Title | None = None
    theirs: Title | None = None
    changed: bool = False


@dataclass(slots=True)
class Block:
    """A block of the form. ``seen`` is the version looked at (0 = none); ``open`` it is unfolded."""

    name: str
    title: Title
    seen: int
    version: FactBlock | None
    source: Title | None
    inputs: list[Input] = field(default_factory=list)
    open: bool = False


@dataclass(slots=True)
class Part:
    """The blocks of one subject. ``prefix`` begins the names of its inputs."""

    prefix: str
    subject: Subject
    title: str
    blocks: list[Block] = field(default_factory=list)


@dataclass(slots=True)
class Form:
    """``why`` and ``changes`` after a post; ``faults`` stand at the inputs too."""

    parts: list[Part]
    as_of: str
    source: str = Source.BY_HAND
    reason: str = ""
    problems: list[Title] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    why: Why | None = None

    @property
    def valid(self) -> bool:
        return not self.problems

    def mark_clashes(self, clashes: Sequence[Clash]) -> None:
        """Put what others changed meanwhile to its input, with both values."""
        by: dict[tuple[str, int, str], Clash] = {
            (each.change.level, each.change.subject, each.change.field): each for each in clashes
        }
        for part in self.parts:
            for block in part.blocks:
                for each in block.inputs:
                    clash = by.get((part.subject.level, part.subject.id, each.item.name))
                    if clash is not None:
                        each.clash = clash
                        each.mine, each.theirs = safe(each.item, clash.change.value), safe(each.item, clash.theirs)
                        block.open = True


def members_of(household: int) -> dict[int, str]:
    """Names of the present members by id, in the order in which they were recorded."""
    ids = list(
        Membership.objects.filter(household_id=household, valid_to=None)
        .order_by("person_id")
        .values_list("person_id", flat=True)
    )
    found = versions.standing(PersonIdentity, ids)
    return {key: getattr(found[key][-1], "name", "") if key in found else "" for key in ids}


def build(subjects: Sequence[tuple[Subject, str]], posted: QueryDict | None = None) -> Form:
    """The form of some subjects with titles, as it stands or as it was posted."""
    parts = [Part(f"{subject.level[0]}{subject.id}", subject, title) for subject, title in subjects]
    newest = date.min
    stood: dict[tuple[str, int], list[FactBlock]] = {}
    for level in {part.subject.level for part in parts}:
        ids = [part.subject.id for part in parts if part.subject.level == level]
        together = ledger_rows(ids) if level == "household" else {}
        for model in dict.fromkeys(item.model for item in of_level(level)):
            ledger = together.get(model._meta.db_table.removeprefix("register_"))
            for key, rows in (versions.standing(model, ids) if ledger is None else ledger).items():
                stood[model._meta.db_table, key] = rows
                newest = max(newest, rows[-1].as_of)
    day = newest if newest > date.min else timezone.localdate()
    form = Form(parts, posted.get("as_of", "")[:20] if posted is not None else day.isoformat())
    for part in parts:
        _fill(part, stood)
    if posted is not None:
        _take(form, posted)
    return form


def _fill(part: Part, stood: Mapping[tuple[str, int], list[FactBlock]]) -> None:
    blocks: dict[str, Block] = {}
    for item in of_level(part.subject.level):
        if not part.subject.opens(item.field_class):
            continue
        rows = stood.get((item.model._meta.db_table, part.subject.id), [])
        row = rows[-1] if rows else None
        block = blocks.setdefault(
            item.block,
            Block(item.block, BLOCK_TITLES[item.block], row.pk if row else 0, row,
                  SOURCES.get(row.source) if row else None),
        )  # fmt: skip
        block.inputs.append(_input(part, item, row))
    part.blocks = list(blocks.values())


def _input(part: Part, item: Correctable, row: FactBlock | None) -> Input:
    value = value_of(row, item.name)
    made = Input(f"{part.prefix}-{item.name}", item, "text", "" if item.name in SECRET else written(item, value))
    made.present = safe(item, value)
    if item.name in SECRET:
        made.kind = "secret"
    elif item.field.type == "boolean" or item.codes:
        made.kind = "several" if item.field.multiple else "choice"
    if row is not None and item.name in row.unreadable:
        made.unreadable = masked(str(row.unreadable[item.name]))
    if row is not None and item.name in row.overrides:
        made.mark = SOURCES.get(str(row.overrides[item.name].get("source", "")))
    _options(made)
    return made


def _options(made: Input) -> None:
    chosen = set(made.written.split(",")) if made.written else set()
    if made.item.field.type == "boolean":
        words = (("是", Title("是", "yes")), ("否", Title("否", "no")))
        made.options = [(word, title, word in chosen) for word, title in words]
    elif made.kind in {"choice", "several"}:
        made.options = [(code, title, code in chosen) for code, title in made.item.codes]


def safe(item: Correctable, value: Value) -> Title | None:
    """A value as it is printed; of secret fields only the end."""
    title = shown(item, value)
    return Title(masked(title.zh), masked(title.en)) if title and item.name in SECRET else title


# -- what was posted ------------------------------------------------------------------------------------------------


def _take(form: Form, posted: QueryDict) -> None:
    form.reason, form.source = posted.get("reason", "")[:600], posted.get("source", "")[:20]
    form.why = _why(form)
    seen: dict[str, dict[str, int]] = {}
    for part in form.parts:
        for block in part.blocks:
            seen.setdefault(block.name, {})[part.prefix] = whole_number(
                posted.get(f"{part.prefix}-seen-{block.name}", ""), 0
            )
    bases = _bases(form, seen)
    for part in form.parts:
        for block in part.blocks:
            base = bases.get((block.name, seen[block.name][part.prefix]))
            if base is not None and versions.subject_of(base) != part.subject.id:
                base = None
            block.seen = base.pk if base else 0
            for each in block.inputs:
                _one(form, part, block, each, base, posted)
    if not form.changes and form.valid:
        form.problems.append(Title("没有任何改动。", "Nothing was changed."))


def _bases(form: Form, seen: Mapping[str, Mapping[str, int]]) -> dict[tuple[str, int], FactBlock]:
    models = {item.block: item.model for part in form.parts for item in of_level(part.subject.level)}
    found: dict[tuple[str, int], FactBlock] = {}
    for name, numbers in seen.items():
        keys = {number for number in numbers.values() if number}
        found |= {(name, key): row for key, row in versions.seen_versions(models[name], keys).items()}
    return found


def _one(form: Form, part: Part, block: Block, each: Input, base: FactBlock | None, posted: QueryDict) -> None:
    if each.name not in posted and each.kind != "several":
        return
    if each.kind == "several" and f"{each.name}-shown" not in posted:
        return
    given = ",".join(posted.getlist(each.name)) if each.kind == "several" else posted.get(each.name, "")
    given = given.strip()
    before = value_of(base, each.item.name)
    if each.kind == "secret" and not given:
        return
    if each.kind != "secret" and given == written(each.item, before):
        return
    value = None if given in UNKNOWN_WORDS else read(each.item, given)
    each.written = given[:300]
    _options(each)
    if isinstance(value, Bad):
        each.error = fault_title(value.code)
        block.open = True
        form.problems.append(Title(f"{each.item.title.zh}：{each.error.zh}", f"{each.item.title.en}: {each.error.en}"))
        return
    if value == before and type(value) is type(before):
        return
    decision = posted.get(f"{each.name}-decide", "")
    if decision == "theirs":
        each.written = "" if each.kind == "secret" else written(each.item, value_of(block.version, each.item.name))
        _options(each)
        return
    each.changed = block.open = True
    version = whole_number(posted.get(f"{each.name}-now", ""), 0) if decision == "mine" else block.seen
    form.changes.append(Change(each.item.level, part.subject.id, each.item.name, value, version))


def _why(form: Form) -> Why | None:
    day = parse_date(form.as_of)
    if not isinstance(day, date):
        form.problems.append(Title("情况日期请写作 2018-12-01。", "Write the day as 2018-12-01."))
    if form.source not in {Source.BY_HAND, Source.VISIT, Source.DEPARTMENT_LIST}:
        form.problems.append(Title("请选择更正依据。", "Choose what the correction rests on."))
    if not 2 <= len(form.reason.strip()) <= 500:
        form.problems.append(Title("请写明更正理由（2–500 字）。", "Give the reason (2–500 characters)."))
    if form.problems or not isinstance(day, date):
        return None
    return Why(day, Source(form.source), form.reason.strip(), "form")


def why_of(posted: QueryDict, origin: str) -> Why:
    """Day, source and reason of a bulk correction. Raises Problem for what is missing."""
    form = Form([], posted.get("as_of", "")[:20], posted.get("source", "")[:20], posted.get("reason", "")[:600])
    why = _why(form)
    if why is None:
        raise Problem("incomplete", form.problems[0].zh, form.problems[0].en)
    return Why(why.as_of, why.source, why.reason, origin)
