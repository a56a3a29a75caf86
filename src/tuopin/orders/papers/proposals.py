"""What a new paper about a matter says before anybody has written: the office begins from it, and changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.core.papers import LONGEST_TITLE, Kind, Number, chinese_day

from .. import limits
from ..models import Matter, MatterUnit, OrderPaper
from . import content, selectors
from .content import Written
from .services import Draft, beside

if TYPE_CHECKING:
    from datetime import datetime

_ENDINGS = {
    Kind.DIRECTIVE: "的指令",
    Kind.REPLY: "办理情况的报告",
    Kind.REMINDER: "的督办函",
    Kind.BULLETIN: "有关情况的通报",
}


def proposal(matter: Matter, kind: Kind, now: datetime, answers: OrderPaper | None = None) -> Draft:
    """A draft of a kind. A directive is reported to the discipline groups that have its copy; a reply goes back to who
    wrote; of a petition nothing is copied, and only what the matter itself says is said."""
    petition = matter.kind == Matter.Kind.PETITION
    recipients: dict[int, str] = {}
    if kind == Kind.REPLY:
        issuer = matter.holder_id
        to = answers.issuer_id if answers is not None else matter.issuer_id
        recipients |= {to: "to"} if to is not None else {}
    else:
        issuer = matter.issuer_id
        held = [matter.holder_id] if petition else [matter.holder_id, *beside(matter, MatterUnit.Role.JOINT)]
        recipients |= {each: "to" for each in held if each is not None}
        if not petition:
            recipients |= {
                each: "reported" for each in beside(matter, MatterUnit.Role.COPIED) if each not in recipients
            }
    return Draft(
        matter.pk, kind.value, issuer or 0, Written(_title(matter, kind), _body(matter, kind, now, answers)),
        tuple(recipients.items()), answers.pk if answers is not None else None,
    )  # fmt: skip


def _title(matter: Matter, kind: Kind) -> str:
    start, ending = ("关于尽快办结" if kind == Kind.REMINDER else "关于"), _ENDINGS[kind]
    return f"{start}{matter.title[: LONGEST_TITLE - len(start) - len(ending)]}{ending}"


def _body(matter: Matter, kind: Kind, now: datetime, answers: OrderPaper | None) -> str:
    said = matter.text.text.strip() if hasattr(matter, "text") else ""
    demand = matter.text.demand.strip() if hasattr(matter, "text") else ""
    limit = _limit(matter)
    lines: list[str] = []
    if kind == Kind.DIRECTIVE:
        lines = [said, f"请于{limit}前办结，并书面报告结果。" if limit else "请抓紧办理，并书面报告结果。"]
        lines += [f"报告时附：{demand}。"] if demand else []
    elif kind == Kind.REMINDER:
        late = matter.limit_at is not None and matter.limit_at <= now
        lines = [f"“{matter.title}”一事，" + (f"应于{limit}前办结，现已逾期。" if late else "尚未办结。")]
        lines += ["请立即办理，并书面说明进展；办不了的，及时上报。"]
    elif kind == Kind.REPLY:
        about = f"《{content.written(answers.content).title}》" if answers is not None else f"“{matter.title}”"
        number = f"（{_number(answers)}）" if answers is not None else ""
        lines = [f"{about}{number}收悉。现将办理情况报告如下："]
    else:
        lines = [said]
    return "\n".join(each for each in lines if each)


def _limit(matter: Matter) -> str:
    if matter.limit_at is None:
        return ""
    if matter.by_hours:
        at = timezone.localtime(matter.limit_at)
        return f"{chinese_day(at.date())}{at.hour}时{at.minute:02d}分"
    return chinese_day(limits.day_of(matter.limit_at))


def _number(row: OrderPaper) -> str:
    return str(Number(row.word.word, row.year, row.serial)) if row.word and row.year and row.serial else ""


def names(draft: Draft) -> dict[str, list[str]]:
    """The names of whom a draft goes to, by role, those outside of the register behind."""
    known = selectors.names_of([organisation for organisation, _role in draft.recipients])
    also = {"to": draft.words.also_to, "reported": draft.words.also_reported, "copied": draft.words.also_copied}
    return {
        role: [known[each] for each, its in draft.recipients if its == role and each in known] + list(also[role])
        for role in content.ROLES
    }
