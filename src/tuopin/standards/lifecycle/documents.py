"""The state of a pack as JSON can hold it: for programs and the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from . import words
from .states import bound_for, state_of

if TYPE_CHECKING:
    from tuopin.core.language.catalogue import Title
    from tuopin.platform.access import Actor
    from tuopin.standards.models import PackAct


def document(actor: Actor, key: str) -> dict[str, Any]:
    """Stage, test, open items with who closed them, approval, areas that the reader knows. Raises as ``state_of``."""
    now = state_of(key)
    state = now.state
    test = now.acts[state.test.id] if state.test else None
    approval = now.acts[state.approval.id] if state.approval else None
    return {
        "pack": now.pack.key,
        "version": now.pack.version,
        "digest": now.pack.digest,
        "stage": state.stage,
        "stage_title": _both(words.STAGES[state.stage]),
        "everywhere": now.pack.everywhere,
        "test": {
            "on": _day(test), "by": test.actor, "cases": test.detail["cases"],
            "failed": test.detail["failed"], "result": test.detail["result"],
        } if test else None,
        "warnings": [
            {"rule": each.rule, "kind": each.kind,
             "justified": now.acts[each.justified.id].reason if each.justified else None}
            for each in state.warnings
        ],
        "items": [
            {
                "key": item.key, "kind": item.kind, "standard": item.standard or None, "title": _both(item.title),
                "reason": _both(item.reason), "text": item.text, "source": item.source, "digest": item.digest,
                "closed": _closed(now.acts[act.id]) if act else None,
            }
            for item, act in state.closings
        ],
        "approved": {"on": _day(approval), "by": approval.actor, "note": approval.reason}
        if approval else None,
        "areas": [
            {"area": area.code, "since": each.valid_from.isoformat(),
             "until": each.valid_to.isoformat() if each.valid_to else None}
            for area, each in bound_for(actor, state)
        ],
    }  # fmt: skip


def _day(act: PackAct) -> str:
    """The local day: before eight in the morning it is still the day before in Greenwich."""
    return timezone.localdate(act.at).isoformat()


def _closed(act: PackAct) -> dict[str, Any]:
    return {"how": act.kind, "by": act.actor, "on": _day(act), "document": act.document,
            "reason": act.reason}  # fmt: skip


def _both(title: Title) -> dict[str, str]:
    return {"zh": title.zh, "en": title.en}
