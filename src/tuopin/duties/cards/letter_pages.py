"""Pages of the letter's Word template: what it may name, versions, handing one in, trying it; letters of a village."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tuopin.platform import panels
from tuopin.platform.access import actor_of, may, require
from tuopin.platform.documents import word
from tuopin.platform.downloads import safe_name
from tuopin.platform.lists.export_pages import attached
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.words import pick
from tuopin.register import selectors as register
from tuopin.register.place import area_of

from ..permissions import KEEP_TEMPLATES, PRINT_PAPERS
from . import letters

if TYPE_CHECKING:
    from django.http import HttpRequest

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion


def _county(actor: Actor, area: AreaVersion) -> AreaVersion:
    """The county of an area, where the reader may know its template. Raises Missing above counties."""
    found = next((each for each in register.ancestors(area) if each.level == "county"), None)
    if found is None:
        raise Missing("choose_county", "请先选择一个县，或县以下的区域。", "Choose a county, or an area below one.")
    require(actor, PRINT_PAPERS, area_path=area.path)
    return found


def _file(content: bytes, name: str) -> HttpResponse:
    return attached(HttpResponse(content, content_type=word.DOCX), safe_name(name))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def templates(request: HttpRequest) -> HttpResponse:
    """A county's template; the form hands in the next version. What is wrong with it is said above the form."""
    actor, area = actor_of(request), area_of(request)
    county = _county(actor, area)
    problem, status = None, 200
    if request.method == "POST":
        try:
            _take(request, actor, county)
        except Problem as found:
            problem, status = found, found.status
        else:
            return redirect(f"{reverse('duties:templates')}?area={area.code}")
    context = {
        "area": area, "county": county, "problem": problem, "fields": letters.fields(),
        "tabs": panels.tabs(actor, area, current="cards"),
        "rows": letters.versions(actor, county) if may(actor, PRINT_PAPERS, area_path=county.path) else [],
        "version": letters.template_of(county)[1], "keeps": may(actor, KEEP_TEMPLATES, area_path=county.path),
    }  # fmt: skip
    return render(request, "duties/templates.html", context, status=status)


def _take(request: HttpRequest, actor: Actor, county: AreaVersion) -> None:
    if request.POST.get("do") == "default":
        letters.hand_in(actor, county.code, None)
        messages.success(request, pick("已恢复默认模板。", "Back to the default template."))
        return
    file = request.FILES.get("template")
    if not isinstance(file, UploadedFile):
        raise Problem("no_file", "请选择一个 .docx 文件。", "Choose a .docx file.")
    letters.hand_in(actor, county.code, file)
    messages.success(request, pick("模板已检查并启用。", "The template was checked and is in use."))


@require_GET
@never_cache
def template_file(request: HttpRequest) -> HttpResponse:
    """The template in use, or with ``which=default`` the product's own; ``which=sample`` filled with invented data."""
    actor, area = actor_of(request), area_of(request)
    county = _county(actor, area)
    which = request.GET.get("which", "")
    if which == "default":
        return _file(letters.default(), "告知书模板-默认.docx")
    content, version = letters.template_of(county)
    if which == "sample":
        return _file(word.fill(content, letters.FIELDS, letters.sample()), "告知书样张.docx")
    return _file(content, f"告知书模板-{county.name}-{version}.docx")


@require_POST
@never_cache
def letters_file(request: HttpRequest) -> HttpResponse:
    """The letters to the households of a village."""
    actor, area = actor_of(request), area_of(request)
    return _file(letters.letters(actor, area.code), f"告知书-{area.name}-{timezone.localdate()}.docx")
