"""What is asked for and how answers are read: values for the parameters, names a page takes, forms, what varies."""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from tuopin.platform.lists.registry import listings
from walk.world import MARK

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    import pytest
    from django.http import HttpResponseBase

    from walk.routes import Route
    from walk.world import World

CODES = {"code", "area", "household", "village"}
THINGS = {
    "user_id": "platform.user", "download_id": "platform.download", "job_id": "platform.job",
    "token_id": "platform.token", "message_id": "platform.message",
    "person": "register.person", "sheet": "register.sheet",
    "api:download": "platform.download", "api:job": "api.job", "api:one_set": "api.importset",
    "api:step": "api.importset", "api:upload_import_file": "api.importset", "duties:slips": "duties.slips",
    "duties:official": "duties.official", "duties:leave": "duties.official", "api:official": "duties.official",
    "duties:organisation": "duties.organisation", "duties:appoint": "duties.post",
    "duties:visit": "duties.visit", "duties:correct_visit": "duties.visit",
    "duties:visit_problem": "duties.visitproblem", "photo_id": "duties.visitphoto",
    "duties:member_month": "member", "duties:knowledge_check": "duties.knowledgecheck",
    "duties:incident": "duties.incident", "api:incident": "duties.incident",
    "duties:headquarters_one": "duties.headquarters", "duties:headquarters_write": "duties.headquarters",
    "duties:assign_headquarters": "duties.headquarters", "duties:headquarters_plan": "duties.headquartersplan",
    "duties:headquarters_paper": "duties.headquartersplan", "api:headquarters_plan": "duties.headquartersplan",
    "duties:opinion": "duties.opinion", "duties:opinion_": "duties.opinion", "api:commitment": "duties.commitment",
    "duties:commitment": "duties.commitment", "duties:commitment_": "duties.commitment",
    "duties:plan": "duties.assignmentplan", "duties:plan_changes": "duties.assignmentplan",
    "duties:plan_line": "duties.assignmentplan", "api:assignment_plan": "duties.assignmentplan",
    "api:apply_assignment_plan": "duties.assignmentplan", "api:refuse_assignment_plan": "duties.assignmentplan",
    "register:draft": "register.draft", "register:import": "register.import",
    "register:import_set": "register.importset",
    "register:import_files": "register.importset", "register:import_progress": "register.importset",
    "register:import_rejects": "register.import", "register:undo_import": "register.import",
    "register:match_undo": "register.matchresult", "register:match_": "register.matchrun",
    "register:undo_event": "register.registerevent", "api:undo_event": "register.registerevent",
    "register:undo_correction": "register.correction", "standards:compared": "standards.comparison",
    "duties:notice": "standards.procedure",
    "standards:procedure": "standards.procedure", "standards:procedure_": "standards.procedure",
    "api:procedure": "standards.procedure", "paper_id": "platform.evidence", "lead": "lead",
    "paper_id of measures:plan_paper": "paper:help_plan",
    "paper_id of measures:worksheet_paper": "paper:income_worksheet",
    "paper_id of duties:headquarters_paper": "paper:headquarters_plan",
    "paper_id of duties:opinion_paper": "paper:opinion",
    "paper_id of duties:commitment_paper": "paper:commitment",
    "standards:sealed": "standards.sealedevaluation", "standards:sealed_": "standards.sealedevaluation",
    "register:area_draft": "register.areadraft", "register:area_event": "register.areaevent",
    "api:undo_area_changes": "register.areaevent",
    "api:sealed_evaluation": "standards.sealedevaluation",
    "standards:federation_look": "standards.sealinstance",
    "api:compared": "standards.comparison", "api:comparison": "standards.comparison",
    "measures:enterprise": "measures.enterprise",
    "measures:project": "measures.project", "api:project": "measures.project",
    "orders:matter": "orders.matter", "orders:act": "orders.matter", "orders:matter_paper": "orders.matter",
    "orders:petition": "orders.petition", "orders:petition_letter": "orders.petition",
    "cycle:plan_item": "orders.matter",
    "api:matter": "orders.matter", "paper_id of orders:matter_paper": "paper:matter",
    "api:alike_of_matter": "orders.matter", "api:alike_subjects": "orders.alikequestion",
    "api:answer_alike": "orders.alikequestion", "api:ask_alike": "orders.matter",
    "orders:alike": "orders.matter", "orders:alike_one": "orders.alikequestion",
    "orders:alike_paper": "orders.alikequestion", "paper_id of orders:alike_paper": "paper:alike",
    "orders:papers": "orders.matter", "orders:new_paper": "orders.matter", "api:papers_of_matter": "orders.matter",
    "api:write_paper": "orders.matter", "api:paper": "orders.orderpaper",
    "orders:paper": "orders.orderpaper", "orders:paper_": "orders.orderpaper",
    "orders:write_paper": "orders.orderpaper",
    "word of orders:paper_template": "orders.numberword", "file of orders:paper_file": "paper:order_paper",
    "recipient of orders:paper_receipt": "orders.paperrecipient",
    "orders:hung_sign": "orders.hungsign", "orders:hung_paper": "orders.hungsign", "api:hung_sign": "orders.hungsign",
    "api:answer_hung": "orders.hungitem", "paper_id of orders:hung_paper": "paper:hung",
    "platform:seal": "platform.seal", "platform:verify_seal": "platform.seal",
    "api:seal": "platform.seal", "api:verify_seal": "platform.seal",
}  # fmt: skip
"""Whose number a parameter takes: by its name, or by the view (or how its name begins)."""
TEXTS: dict[str, list[str]] = {
    "standard": ["household_exit"],
    "pack": ["shangqiu-2018"],
    "kind": ["households"],
    "what": ["matched", "doubts"],
    "rest": ["nothing"],
    "item": ["overall"],
    "code of register:correct_issues": ["id_missing"],
    "kind of register:record_event": ["death", "split", "move"],
    "layout": ["document", "letter"],
    "name": ["receive", "done", "merge", "split", "reassign", "extend"],
    "item of standards:pack_item": ["limit:collective_income_limit"],
}
"""Values of text parameters that name neither an area nor a household."""
ABSENT = {"code": "no-such-code", "number": "99999998"}


def thing(route: Route, name: str) -> str:
    """The model whose number the parameter takes; empty where nobody said."""
    for key in (f"{name} of {route.name}", name, route.name):
        if key in THINGS:
            return THINGS[key]
    return next((model for key, model in THINGS.items() if key.endswith("_") and route.name.startswith(key)), "")


def numbered(name: str, converter: str) -> bool:
    """Whether the parameter is a number of something, or a key that stands for one."""
    return converter == "int" or name in {"number", "lead"}


def values_of(route: Route, world: World, whose: str) -> list[dict[str, str]]:
    """Values for the parameters of a route: of the readers' own county (``ours``), of the other (``theirs``), or of
    nothing at all (``absent``)."""
    codes = {
        "ours": [world.home.code, world.village.code, world.household],
        "theirs": [world.away.code, world.away_village.code, world.away_household],
        "absent": [ABSENT["code"]],
    }[whose]
    numbers = {"ours": world.ours, "theirs": world.theirs, "absent": {}}[whose]
    choices: list[list[str]] = []
    for name, converter in route.parameters:
        if (special := f"{name} of {route.name}") in TEXTS:
            choices.append(TEXTS[special])
        elif name == "area":
            choices.append([code for code in codes if code not in (world.household, world.away_household)])
        elif name in CODES:
            choices.append(codes)
        elif numbered(name, converter):
            choices.append([str(numbers.get(thing(route, name), ABSENT["number"]))])
        elif name == "key":
            choices.append(sorted(listings()))
        else:
            choices.append(TEXTS.get(name, []))
    found = [dict(zip(route.names, chosen, strict=True)) for chosen in itertools.product(*choices)]
    return [values for values in found if route.address(values)]


def absent_of(route: Route, world: World, values: dict[str, str]) -> dict[str, str]:
    """The same values, with nothing's in place of what names something; the same where nothing is named."""
    named = {name for name, converter in route.parameters if name in CODES or numbered(name, converter)}
    found = {name: ABSENT["code" if name in CODES else "number"] if name in named else values[name] for name in values}
    return values if f"code of {route.name}" in TEXTS else found


# -- answers ------------------------------------------------------------------------------------------------------

VARYING = re.compile(
    r'csrfmiddlewaretoken" value="\w+|"X-CSRFToken": ?"\w+"|nonce-[\w+/=-]+|nonce="[^"]*"|csrftoken=\w+|sessionid=\w+'
    r'|name="key" value="[0-9a-f]{32}"| ?<b class="unread">.*?</b>'  # one's own messages: a look marks them read
    r"|\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?|\d+ (秒|分钟)前|Content-Length: \d+|expires=[^;]*|Expires: .*"
)
NUMBERS = re.compile(r"[0-9A-Za-z]{6,}")


def everything(answer: HttpResponseBase) -> str:
    """The text of an answer: status, head, body, and what stands inside a workbook."""
    body = b"".join(answer) if answer.streaming else answer.content  # type: ignore[attr-defined]  # either has its own
    heads = "\n".join([str(answer.status_code), *(f"{name}: {value}" for name, value in answer.items())])
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"\n".join(book.read(name) for name in book.namelist())
    return heads + "\n" + body.decode("utf-8", "replace")


def told(text: str, world: World, asked: Iterable[str]) -> list[str]:
    """Secrets in a text; what the reader wrote may be echoed."""
    words = (set(NUMBERS.findall(text)) & world.secrets) - set(asked)
    return [MARK] * (MARK in text) + sorted(words)


def plain(text: str, asked: Collection[str] = ()) -> str:
    """A text without what differs from one answer to the next, and without what was asked for."""
    text = VARYING.sub("", text)
    for value in sorted(asked, key=len, reverse=True):
        text = re.sub(rf"(?<![0-9A-Za-z]){re.escape(value)}(?![0-9A-Za-z])", "…", text)
    return text


def difference(first: str, second: str) -> str:
    """Where two texts part, for the message of a test."""
    if first == second:
        return ""
    lines = zip(first.splitlines(), second.splitlines(), strict=False)
    return next((f"{one[:300]} ≠ {two[:300]}" for one, two in lines if one != two), "one goes on longer")


# -- what a page takes --------------------------------------------------------------------------------------------


@contextmanager
def recorded(patch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The names that views take out of an address or a form meanwhile."""
    from django.http import QueryDict

    names: set[str] = set()

    def noted(method: Any) -> Any:
        def run(self: QueryDict, key: Any, *rest: Any) -> Any:
            if isinstance(key, str):
                names.add(key)
            return method(self, key, *rest)

        return run

    with patch.context() as inner:
        for each in ("__getitem__", "getlist", "__contains__"):
            inner.setattr(QueryDict, each, noted(getattr(QueryDict, each)), raising=False)
        yield names


def substitutes(name: str, value: str, world: World) -> list[tuple[str, str]]:
    """What to put in place of a value in a form or address: of the other county, and the like that does not exist."""
    twins = {
        world.home.code: world.away.code, world.village.code: world.away_village.code,
        world.town.code: world.away_village.code, world.household: world.away_household,
    }  # fmt: skip
    if value in twins:
        return [(twins[value], ABSENT["code"])]
    if value.isascii() and value.isdigit() and len(value) < 10:
        models = [model for model, number in world.ours.items() if str(number) == value] or ["register.household"]
        return [(str(world.theirs[model]), ABSENT["number"]) for model in models if model in world.theirs][:2]
    if value:
        return []
    return [(NAMED[name](world), ABSENT["number" if name in NUMERIC else "code"])] if name in NAMED else []


NUMERIC = {
    "run",
    "evaluation",
    "pair",
    "view",
    "before",
    "after",
    "i",
    "identity",
    "grant",
    "delete",
    "one",
    "shown",
    "remove",
}
"""Names in addresses and forms that take a number."""
PAGING = {"after", "before"}
"""Where a page of a list begins: any number is as good as another, and what follows differs."""
NAMED: dict[str, Callable[[World], str]] = {
    "area": lambda world: world.away.code,
    "parent": lambda world: world.away.code,
    "code": lambda world: world.away_household,
    "codes": lambda world: world.away_household,
    "household": lambda world: world.away_household,
    "target": lambda world: world.away_household,
    "village": lambda world: world.away_village.code,
    "q": lambda world: world.away_household,
    "in": lambda world: world.away.code,
    "evaluation": lambda world: str(world.theirs["standards.evaluation"]),
    "run": lambda world: str(world.theirs["standards.evaluation"]),
    "pair": lambda world: str(world.theirs["register.matchpair"]),
    "view": lambda world: str(world.theirs["platform.savedview"]),
    "before": lambda world: str(world.theirs["platform.job"]),
    "after": lambda world: str(world.theirs["register.household"]),
    "i": lambda world: str(world.theirs["register.household"]),
    "one": lambda world: str(world.theirs["register.dataissue"]),
    "remove": lambda world: str(world.theirs["platform.upload"]),
    "delete": lambda world: str(world.theirs["platform.savedview"]),
}


@dataclass
class Form:
    """A form as a browser would send it, without files."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.names: set[str] = set()
        self.open: Form | None = None
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        for address in (given.get("href", ""), given.get("hx-get", "")):
            if "?" in address and "://" not in address:
                self.names |= {part.split("=")[0] for part in address.split("?", 1)[1].split("#")[0].split("&")}
        if tag == "form":
            self.open = Form(given.get("action", ""), given.get("method", "get").lower())
            self.found.append(self.open)
        elif self.open is not None:
            self._field(self.open, tag, given)

    def _field(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "select":
            self.select = name
            form.fields.setdefault(name, "")
        elif tag == "option" and self.select and (not form.fields[self.select] or "selected" in given):
            form.fields[self.select] = value
        elif tag == "button" and name:
            form.buttons.append((name, value))
        elif tag == "textarea" and name:
            form.fields.setdefault(name, "")
        elif tag == "input" and name and given.get("type") != "file":
            several = given.get("type") in {"radio", "checkbox"}
            if not several or "checked" in given or name not in form.fields:
                form.fields[name] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""
        if tag == "form":
            self.open = None


def forms_of(text: str) -> tuple[list[Form], set[str]]:
    """The forms of a page, and the names in forms that are sent in addresses and in its links."""
    parser = _Forms()
    parser.feed(text)
    asked = {name for form in parser.found if form.method == "get" for name in form.fields}
    return [form for form in parser.found if form.method == "post"], {name for name in asked | parser.names if name}
