"""The page of a list: form, table, neighbours, columns, saved views. It reads without JavaScript; forms are GET.

A room's view makes the reader and hands over::

    return list_page(request, listing("register.households"), reader, "register/households.html", {"area": area})

The template extends ``platform/base.html`` and includes ``platform/lists/list.html`` where the list stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from tuopin.platform.auditing import readlog
from tuopin.platform.given import whole_number
from tuopin.platform.problems import Problem

from . import export_pages, exporting, saved
from .engine import open_list
from .paging import SIZE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpRequest, QueryDict

    from tuopin.core.language.catalogue import Title

    from .engine import Open
    from .filters import Widget
    from .model import Column, Listing, Reader

MOST_READ = 400  # characters of a condition in the read log


def given_of(query: QueryDict) -> Mapping[str, Sequence[str]]:
    """The parameters of a request as the engine reads them."""
    return {key: query.getlist(key) for key in query}


def first_of(query: QueryDict) -> dict[str, str]:
    """The first value of each parameter, for ``Reader.given``."""
    return {key: query.getlist(key)[0] for key in query if query.getlist(key)}


def list_page(
    request: HttpRequest, listing: Listing, reader: Reader, template: str, context: Mapping[str, Any] | None = None
) -> HttpResponseBase:
    """Show a list; the reading is noted. A POST exports it, or keeps or deletes a view of it. Without any condition in
    the address the reader's default view opens."""
    if request.method == "POST" and "export" in request.POST:
        return export_pages.answer(request, listing, reader)
    if request.method == "POST":
        return _change_views(request, listing, reader)
    standing = _default(request, listing, reader)
    if standing is not None:
        return standing
    shown = list_context(request, listing, reader)
    return render(request, template, {**(context or {}), "list": shown})


def list_context(request: HttpRequest, listing: Listing, reader: Reader) -> dict[str, Any]:
    """What ``platform/lists/list.html`` needs as ``list``; the reading is noted."""
    opened = open_list(listing, reader, given_of(request.GET))
    page, lines = opened.page(SIZE)
    total = opened.count()
    if listing.log:
        filters = {name: value[:MOST_READ] for name, value in opened.state.filters}
        place = {"area": reader.place.code} if getattr(reader.place, "code", "") else {}
        readlog.read(reader.actor, listing.key, {**place, **filters, "from": page.first}, len(lines))
    state = opened.state
    return {
        "open": opened,
        "listing": listing,
        "columns": [_head(opened, column) for column in opened.shown],
        "lines": lines,
        "total": total,
        "counted_at": opened.counted_at(),
        "first": page.first,
        "last": page.first + len(lines) - 1,
        "after": state.query(after=page.after) if page.after else "",
        "before": state.query(before=page.before) if page.before else "",
        "widgets": _widgets(opened),
        "chips": [_chip(opened, at) for at in range(len(state.chosen))],
        "clear": state.query(chosen=(), view="0"),
        "choices": [(column, column in opened.shown) for column in opened.columns.values()],
        "sorts": [column for column in opened.columns.values() if column.sort],
        "kept": state.kept,
        "exports": exporting.allowed(listing, reader),
        "views": _views(opened),
        "query": state.query(),
        "view": state.view,
        "notes": opened.notes,
        "address": request.path,
    }


def _head(opened: Open, column: Column) -> dict[str, Any]:
    """The head of a column: where a click on it leads, and how it sorts now."""
    state = opened.state
    sorted_by = bool(column.sort) and state.sort == column.key
    again = sorted_by and not state.descending
    return {
        "column": column,
        "href": state.query(sort=column.key, descending=again) if column.sort else "",
        "sorted": ("descending" if state.descending else "ascending") if sorted_by else "",
    }


def _widgets(opened: Open) -> dict[str, list[Widget]]:
    found: dict[str, list[Widget]] = {"front": [], "more": []}
    for each in opened.filters:
        widgets = each.widgets(opened.state.value(each.key), opened.reader)
        found["more" if each.more else "front"] += widgets
    return found


def _chip(opened: Open, at: int) -> dict[str, Any]:
    """A condition in words, and the address of the list without it."""
    state = opened.state
    chosen = state.chosen[at]
    rest = state.chosen[:at] + state.chosen[at + 1 :]
    words: Title = chosen.filter.words(chosen.value, opened.reader)
    return {"title": chosen.filter.title, "words": words, "without": state.query(chosen=rest)}


def _views(opened: Open) -> list[dict[str, Any]]:
    kept = "".join(f"&{name}={value}" for name, value in opened.state.kept)
    return [
        {"view": view, "href": f"?{view.query}{'&' if view.query else ''}view={view.pk}{kept}",
         "current": opened.state.view == str(view.pk)}
        for view in saved.views_of(opened.reader.actor, opened.listing.key)
    ]  # fmt: skip


# -- saved views --------------------------------------------------------------------------------------------------


def _default(request: HttpRequest, listing: Listing, reader: Reader) -> HttpResponse | None:
    """The address of the default view, where the address asks for nothing in particular."""
    if set(request.GET) - {"area"}:
        return None
    view = next((each for each in saved.views_of(reader.actor, listing.key) if each.is_default), None)
    if view is None or not view.query:
        return None
    area = request.GET.get("area", "")
    try:
        open_list(listing, reader, _parsed(view.query))
    except Problem:  # a column or choice that is no more: the list opens as it is
        return None
    place = f"&area={area}" if area.isalnum() else ""
    return HttpResponseRedirect(f"{request.path}?{view.query}&view={view.pk}{place}")


def _parsed(query: str) -> dict[str, list[str]]:
    from urllib.parse import parse_qs

    return parse_qs(query)


@require_POST
def _change_views(request: HttpRequest, listing: Listing, reader: Reader) -> HttpResponse:
    """Keep the list as it stands under a name, or delete a view; back to the list."""
    query = request.POST.get("query", "")
    if request.POST.get("delete"):
        saved.delete_views(reader.actor, [whole_number(request.POST["delete"], 0)])
        return HttpResponseRedirect(f"{request.path}?{query.lstrip('?')}" if _plain(query) else request.path)
    view = saved.save_view(
        reader, listing, request.POST.get("name", ""), query, default=bool(request.POST.get("default"))
    )
    return HttpResponseRedirect(f"{request.path}?{view.query}{'&' if view.query else ''}view={view.pk}")


def _plain(query: str) -> bool:
    return len(query) < 9_000 and query.isascii() and query.isprintable()
