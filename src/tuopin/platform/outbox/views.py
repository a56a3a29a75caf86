"""The pages of messages: the inbox, one message, one's own choice of channels, and what leaves the house."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages as notices
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from django.views.generic import View

from tuopin.platform.access import actor_of
from tuopin.platform.given import whole_number, whole_numbers
from tuopin.platform.lists.pages import first_of, list_page
from tuopin.platform.lists.unplaced import reader_of
from tuopin.platform.models import Dispatch
from tuopin.platform.outbox import choices, operators, selectors, services
from tuopin.platform.outbox.channels import channels
from tuopin.platform.outbox.kinds import all_kinds
from tuopin.platform.outbox.listings import DISPATCHES, MESSAGES
from tuopin.platform.outbox.planning import GATEWAY, MAIL
from tuopin.platform.problems import Problem
from tuopin.platform.words import language, pick

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, HttpResponseBase


@never_cache
def messages(request: HttpRequest) -> HttpResponseBase:
    """One's own messages, the newest first."""
    actor = actor_of(request)
    newest = selectors.own(actor).order_by("-pk").values_list("pk", flat=True).first()
    reader = reader_of(actor, given=first_of(request.GET))
    return list_page(request, MESSAGES, reader, "platform/outbox/messages.html", {"picking": "mark", "newest": newest})


@require_POST
def mark(request: HttpRequest) -> HttpResponse:
    """Mark own messages as read or unread: those ticked, or all that were there when the page was made."""
    actor, wanted = actor_of(request), request.POST.get("do", "")
    if wanted == "all":
        count = services.mark(actor, up_to=whole_number(request.POST.get("newest", ""), 0))
    else:
        count = services.mark(actor, ids=whole_numbers(request.POST.getlist("id")), read=wanted != "unread")
    notices.success(request, pick(f"已更新 {count} 条消息。", f"{count} messages changed."))
    return redirect("platform:messages")


@require_GET
@never_cache
def message(request: HttpRequest, message_id: int) -> HttpResponse:
    """Where a message leads; it counts as read from now on. One that leads nowhere is shown itself."""
    actor = actor_of(request)
    found = selectors.one(actor, message_id)
    if found.read_at is None:
        services.mark(actor, ids=[found.pk])
    if href := selectors.target(found):
        return redirect(href)
    fields = {name: getattr(found, name) for name in ("title_zh", "title_en", "parameters", "kind")}
    return render(request, "platform/outbox/message.html", {"message": found, "title": selectors.title(fields)})


@method_decorator(never_cache, name="dispatch")
class Settings(View):
    """By which channels one wants to hear of what."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, choices.of(actor_of(request)))

    def post(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        try:
            if request.POST.get("do") == "confirm":
                choices.confirm(actor, request.POST.get("code", "")[:40])
            else:
                self._choose(request)
        except Problem as problem:
            return self._page(request, choices.of(actor), problem.text(language()), status=400)
        notices.success(request, pick("已保存。", "Saved."))
        return redirect("platform:message_settings")

    def _choose(self, request: HttpRequest) -> None:
        before, on = choices.of(actor_of(request)), channels()
        wanted = {(channel, key) for channel in (MAIL, GATEWAY) for key in request.POST.getlist(f"{channel}_kind")}
        for channel in {MAIL, GATEWAY} - set(on):  # not on the form: it stays as it is
            wanted |= {(channel, key) for key in all_kinds() if (channel, key) not in before.muted}
        choices.choose(
            actor_of(request),
            mail="mail" in request.POST if MAIL in on else before.mail,
            gateway="gateway" in request.POST if GATEWAY in on else before.gateway,
            address=request.POST.get("address", "")[:300] if MAIL in on else before.address or before.confirmed,
            wanted=wanted,
        )

    def _page(self, request: HttpRequest, choice: choices.Choice, error: str = "", status: int = 200) -> HttpResponse:
        on = channels()
        kinds = [
            {
                "kind": kind,
                "mail": kind.may_leave(MAIL) and (MAIL, key) not in choice.muted,
                "gateway": kind.may_leave(GATEWAY) and (GATEWAY, key) not in choice.muted,
            }
            for key, kind in all_kinds().items()
        ]
        shown: dict[str, Any] = {
            "choice": choice, "kinds": kinds, "mail_on": MAIL in on, "gateway_on": GATEWAY in on, "error": error,
            "exceptions": _at_any_hour(),
        }  # fmt: skip
        return render(request, "platform/outbox/settings.html", shown, status=status)


def _at_any_hour() -> str:
    """In words, which kinds leave at night too; urgent ones alone do not."""
    found = [kind.title for kind in all_kinds().values() if kind.at_any_hour]
    zh, en = "、".join(each.zh for each in found), ", ".join(each.en for each in found)
    return pick(f"（{zh}除外）", f", but for: {en}") if found else ""


@never_cache
def outbox(request: HttpRequest) -> HttpResponseBase:
    """What leaves the house and what did not get through, for whoever keeps it."""
    actor = actor_of(request)
    dead = operators.dispatches(actor).filter(state=Dispatch.State.DEAD).count()
    context = {"picking": "again" if dead else "", "dead": dead, "on": channels()}
    reader = reader_of(actor, given=first_of(request.GET))
    return list_page(request, DISPATCHES, reader, "platform/outbox/outbox.html", context)


@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """Queue anew what did not get through: what was ticked, or all of it."""
    ids = None if request.POST.get("do") == "all" else whole_numbers(request.POST.getlist("id"))
    count = operators.again(actor_of(request), ids)
    notices.success(request, pick(f"{count} 次发送将重新进行。", f"{count} will be tried again."))
    return redirect("platform:outbox")
