"""What a matter asked goes over to the one that it is merged into (decision 0103): who was asked answers there, and
nobody is asked the same twice. Questions about what came from a petition stay with it, unless the other came from one
too: its words are covered by where it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.platform.auditing import audit
from tuopin.platform.outbox import services as outbox
from tuopin.register.correcting.subjects import listed

from .. import words
from ..models import AlikeQuestion, AlikeSubject, MatterSubject
from . import telling

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tuopin.platform.access import Actor

    from ..models import Matter


def carry(actor: Actor, matters: Sequence[Matter], into: Matter, now: datetime) -> None:
    """Questions go over, inside the transaction of the merge, after its subjects did. A constant number of
    statements."""
    going = [each.pk for each in matters if each.source != words.SOURCE or into.source == words.SOURCE]
    rows = list(AlikeQuestion.objects.filter(matter_id__in=listed(going)).order_by("pk"))
    if not rows:
        return
    staying = list(AlikeQuestion.objects.filter(matter=into, ended_at=None).order_by("pk"))
    AlikeQuestion.objects.filter(pk__in=[row.pk for row in rows]).update(matter=into)
    twice = _twice([*staying, *(row for row in rows if row.ended_at is None)], into)
    AlikeSubject.objects.filter(pk__in=listed(twice)).delete()
    outbox.settle(actor, [telling.about(number) for number in twice], now=now)
    detail: dict[str, object] = {"questions": [row.pk for row in rows][:100], "twice": len(twice)}
    audit.record(actor, "orders.carry_alike", f"matter:{into.pk}", detail)


def _twice(questions: Sequence[AlikeQuestion], into: Matter) -> list[int]:
    """Those who have not answered and are asked the same by another question, or whom the matter itself is about by
    now. Who has answered one is asked no more; of those asked twice the first stays."""
    same = {row.pk: (row.kind, row.text.strip(), row.pack, row.standard) for row in questions}
    found = AlikeSubject.objects.filter(question__in=questions).order_by("pk")
    rows = [
        (number, (*same[question], home, area, unit), answer)
        for number, question, answer, home, area, unit in found.values_list(
            "pk", "question_id", "answer", "household_id", "area_id", "unit_id"
        )
    ]
    own = MatterSubject.objects.filter(matter=into).exclude(household=None, area=None)
    about = set(own.values_list("household_id", "area_id"))
    seen, twice = {key for _number, key, answer in rows if answer}, list[int]()
    for number, key, answer in rows:
        found_by_condition = key[0] == AlikeQuestion.Kind.QUERY and key[4:6] in about
        if not answer and (key in seen or found_by_condition):
            twice.append(number)
        seen.add(key)
    return twice
