"""The page that has a workbook of the national form written for an area."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from tuopin.platform.access import actor_for, require
from tuopin.platform.problems import Problem

from .permissions import EXPORT
from .place import area_of
from .workbook_exports import begin_export, kinds

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpRequest, HttpResponse

    from tuopin.platform.models import User


@require_http_methods(["GET", "HEAD", "POST"])
def workbooks(request: HttpRequest) -> HttpResponse:
    """The kinds that the reader may have written; a POST begins one and leads to its job."""
    actor = actor_for(cast("User", request.user))
    require(actor, EXPORT)
    place = area_of(request)
    require(actor, EXPORT, area_path=place.path)
    if request.method == "POST":
        day = _day(request.POST.get("on", ""))
        return redirect("platform:job", begin_export(actor, request.POST.get("kind", ""), place.code, day).pk)
    context = {"area": place, "kinds": kinds(actor), "today": timezone.localdate()}
    return render(request, "register/workbooks.html", context)


def _day(text: str) -> date:
    from datetime import date

    try:
        return date.fromisoformat(text) if text else timezone.localdate()
    except ValueError:
        raise Problem(
            "bad_date",
            "日期请写成 2018-12-01 的样子。",
            "Write the day like 2018-12-01.",
        ) from None
