"""The register of numbers (发文登记簿) of an office, its words and Word templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tuopin.core.language.catalogue import Title
from tuopin.core.papers import Kind
from tuopin.platform.access import actor_of, may, one_page, require
from tuopin.platform.auditing import readlog
from tuopin.platform.documents import word as documents
from tuopin.platform.documents.official import wording
from tuopin.platform.given import whole_number
from tuopin.platform.problems import Problem
from tuopin.platform.uploads import TooLarge, left_out, takes_at_most
from tuopin.platform.words import pick

from ..models import NumberCounter, NumberWord
from ..permissions import VIEW
from . import content, files, numbers, selectors, templates
from .views import KINDS, STATES

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from tuopin.platform.access import Actor

PAGE = 50
MOST_WORDS = 200
_LETTER = {"letter": True, "document": False}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@takes_at_most(documents.LARGEST)
def register(request: HttpRequest) -> HttpResponse:
    """Numbers drawn under a word in a year, in their order; words and templates of the organisation below."""
    actor = actor_of(request)
    if not any(may(actor, each) for each in numbers.WRITING):
        require(actor, VIEW)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            found = _act(request, actor)
        except Problem as refused:
            if refused.status not in {400, 413}:
                raise
            problem = refused
        else:
            return redirect(f"{reverse('orders:numbers')}?word={found}" if found else reverse("orders:numbers"))
    context = _context(request, actor)
    return render(
        request, "orders/numbers.html", {**context, "problem": problem}, status=problem.status if problem else 200
    )


def _act(request: HttpRequest, actor: Actor) -> int:
    posted = request.POST  # read: what it leaves out is known from here on
    if left_out(request):  # nothing behind the file was read, the button neither
        zh, en = documents.FAULTS["too_large"]
        raise TooLarge("template_too_large", zh, en)
    number = whole_number(posted.get("word", ""), 0) or 0
    match posted.get("do", ""):
        case "add":
            organisation = whole_number(posted.get("organisation", ""), 0) or 0
            row = numbers.add_word(actor, organisation, posted.get("text", ""))
            messages.success(request, pick("代字已登记。", "The word is kept."))
            return row.pk
        case "begin":
            year, last = whole_number(posted.get("year", ""), 0) or 0, whole_number(posted.get("last", ""), -1)
            numbers.begin(actor, number, year, last)
            messages.success(request, pick("起始号已设定。", "Counting begins there."))
        case "template" | "no_template":
            word = numbers.word_of(actor, number)
            _template(request, actor, word, letter=posted.get("layout") == "letter")
            messages.success(request, pick("模板已更换。", "The template was changed."))
        case _:
            raise Problem("bad_form", "请从页面上的按钮提交。", "Use the buttons of the page.")
    return number


def _template(request: HttpRequest, actor: Actor, word: NumberWord, *, letter: bool) -> None:
    name = selectors.names_of([word.organisation_id]).get(word.organisation_id, "")
    if request.POST.get("do") == "no_template":
        templates.hand_in(actor, word.organisation_id, name, None, letter=letter)
        return
    given = request.FILES.get("file")
    if not isinstance(given, UploadedFile):
        raise Problem("no_file", "请选择 Word 模板文件。", "Choose a Word template.")
    templates.hand_in(actor, word.organisation_id, name, given, letter=letter)


@one_page()  # also after a form that was refused
def _context(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    asked = whole_number(request.GET.get("word", ""), 0)
    words = list(selectors.words_of(actor)[:MOST_WORDS])
    if asked and len(words) == MOST_WORDS and asked not in {each.pk for each in words}:
        words += selectors.words_of(actor).filter(pk=asked)
    names = selectors.names_of({each.organisation_id for each in words})
    chosen = next((each for each in words if each.pk == asked), words[0] if words else None)
    this = timezone.localdate().year
    year = whole_number(request.GET.get("year", ""), this)
    year = year if 1949 <= year <= 2199 else this
    writes = next((each for each in numbers.WRITING if may(actor, each)), numbers.WRITING[0])
    offices = selectors.written_for(actor, writes).order_by("name")
    context: dict[str, Any] = {
        "words": [(each, names.get(each.organisation_id, "")) for each in words], "chosen": chosen, "year": year,
        "this": this, "issuers": list(offices.values_list("organisation_id", "name")[:300]), "kept": [],
    }  # fmt: skip
    if chosen is None:
        return context
    counted = NumberCounter.objects.filter(word=chosen)
    counter = counted.filter(year=year).first()
    page = Paginator(selectors.numbered(actor, chosen, year), PAGE).get_page(request.GET.get("page", "1")[:9])
    readlog.read(actor, "orders.numbers", {"word": chosen.pk, "year": year}, len(page.object_list))
    context |= {
        "owner": names.get(chosen.organisation_id, ""), "counter": counter, "page": page,
        "years": sorted({this, year, *counted.values_list("year", flat=True)}, reverse=True),
        "rows": [
            {"row": row, "kind": KINDS[Kind(row.kind)], "state": STATES[row.state], "number": files.number_of(row),
             "title": content.written(row.content).title, "erased": content.erased(row)}
            for row in page.object_list
        ],
        "kept": [
            (key, templates.newest(chosen.organisation_id, letter=letter)) for key, letter in _LETTER.items()
        ],
        "fields": _fields(),
    }  # fmt: skip
    return context


def _fields() -> list[tuple[str, Title]]:
    """What a template may name, with its meaning; the names are Chinese in every language."""
    found: list[tuple[str, str]] = []
    for name, what in wording.FIELDS.items():
        if isinstance(what, dict):
            found += [(f"{name} › {inner}", said) for inner, said in what.items() if isinstance(said, str)]
        else:
            found.append((name, what))
    return [(name, Title(said, wording.ENGLISH[name])) for name, said in found]


@never_cache
@require_GET
def template(request: HttpRequest, word: int, layout: str) -> HttpResponse:
    """The Word template of an organisation: its own, else the product's, to begin from."""
    actor = actor_of(request)
    found = numbers.word_of(actor, word)
    if layout not in _LETTER:
        raise selectors.missing()
    held = templates.newest(found.organisation_id, letter=_LETTER[layout])
    name = selectors.names_of([found.organisation_id]).get(found.organisation_id, "")
    made = bytes(held.content) if held is not None and held.digest else templates.default(name, letter=_LETTER[layout])
    return files.answer(made, f"template-{layout}.docx", files.DOCX)
