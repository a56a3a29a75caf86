"""What the form of a paper says: words, and whom it goes to by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tuopin.platform.given import whole_number
from tuopin.platform.problems import Problem
from tuopin.register.correcting.subjects import listed_texts

from . import content, selectors
from .content import Written
from .services import MOST_RECIPIENTS, Draft, beside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import QueryDict

    from tuopin.platform.access import Actor

    from ..models import Matter

_TEXTS = ("title", "body", "mandate", "head", "urgency", "signer", "note")


def draft(
    actor: Actor, posted: QueryDict, matter: Matter, kind: str, before: Written | None, answers: int | None
) -> Draft:
    """The draft of a form. A line of 主送, 抄报, 抄送 that names an organisation the writer knows becomes a recipient
    who signs for it; any other line is printed as it is. Raises Problem for a name that several bear."""
    if any("\0" in text for text in posted.values()):
        raise Problem("bad_text", "文字中含有不能保存的字符。", "A text cannot be kept.")
    lines = {role: _lines(posted.get(role, "")) for role in content.ROLES}
    if sum(map(len, lines.values())) > MOST_RECIPIENTS:
        raise Problem(
            "bad_recipients", f"主送、抄报、抄送最多 {MOST_RECIPIENTS} 个。", f"At most {MOST_RECIPIENTS} recipients."
        )
    known = _known(actor, matter, [name for some in lines.values() for name in some])
    recipients: list[tuple[int, str]] = []
    also: dict[str, list[str]] = {role: [] for role in content.ROLES}
    for role, names in lines.items():
        for name in names:
            if name in known:
                recipients.append((known[name], role))
            else:
                also[role].append(name)
    given: dict[str, Any] = {name: posted.get(name, "").replace("\r\n", "\n") for name in _TEXTS}
    words = Written(
        **given, also_to=tuple(also["to"]), also_reported=tuple(also["reported"]), also_copied=tuple(also["copied"]),
        attachments=before.attachments if before is not None else (),
    )  # fmt: skip
    issuer = whole_number(posted.get("issuer", ""), 0) or 0
    return Draft(matter.pk, kind, issuer, words, tuple(recipients), answers)


def _lines(text: str) -> list[str]:
    return [
        line for line in (" ".join(each.split()).rstrip("，。；：、") for each in text[:30_000].splitlines()) if line
    ]


def _known(actor: Actor, matter: Matter, names: Sequence[str]) -> dict[str, int]:
    """The organisations of these names: those of the matter first, then those that the actor may write to."""
    if not names:
        return {}
    near = {each for each in (matter.holder_id, matter.issuer_id, *beside(matter)) if each is not None}
    found = {name: key for key, name in selectors.names_of(near).items()}
    rest = [name for name in names if name not in found]
    rows = selectors.written_for(actor).filter(name__in=listed_texts(rest))
    by_name: dict[str, set[int]] = {}
    for name, key in rows.values_list("name", "organisation_id") if rest else ():
        by_name.setdefault(name, set()).add(key)
    doubled = sorted(name for name, keys in by_name.items() if len(keys) > 1)
    if doubled:
        raise Problem(
            "same_names", f"有几个单位同名：{'、'.join(doubled[:5])}。请到各自的事项里行文，或写明县区全称。",
            f"Several organisations bear one name: {', '.join(doubled[:5])}. Write the name with its county.",
            names=doubled[:5],
        )  # fmt: skip
    return found | {name: next(iter(keys)) for name, keys in by_name.items()}
