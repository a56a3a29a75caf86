"""Forms of matters: every field is text of any shape until it was read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.core.workbook.values import parse_date
from tuopin.duties.assigning import targets
from tuopin.duties.models import Term
from tuopin.duties.organisations import scoping
from tuopin.platform import evidence
from tuopin.platform.access import may
from tuopin.platform.given import whole_number
from tuopin.platform.problems import Problem
from tuopin.register.correcting.subjects import listed_texts
from tuopin.register.models import Household

from ..changes import Given
from ..permissions import ISSUE, PETITIONS
from ..services import SubjectRef

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, QueryDict

    from tuopin.platform.access import Actor

FILES = 10
"""Papers that may be handed in with one act."""
MOST_SUBJECTS = 500


def text(posted: QueryDict, name: str, most: int = 4001) -> str:
    """A text as typed, cut beyond what any service takes."""
    return posted.get(name, "").replace("\0", "").strip()[:most]


def day(posted: QueryDict, name: str, zh: str, en: str) -> date | None:
    """A day as typed; None where the field is empty. Raises Problem."""
    written = text(posted, name, 20)
    if not written:
        return None
    found = parse_date(written)
    if not isinstance(found, date):
        raise Problem("bad_date", f"{zh}请写作 2018-12-01。", f"Write {en} as 2018-12-01.")
    return found


def office(written: str) -> int | None:
    """The organisation of a number or a name; None where nothing is written. Whether it lies within the grants, the
    service asks: what is not there, and what lies outside, look alike."""
    if not written:
        return None
    found = scoping.find(written[:200])
    if found is None:
        raise targets.outside()
    return found


def person(actor: Actor, name: str, organisation: int | None) -> int | None:
    """The official of a name in office in an organisation; None where nothing is written. Who may not give the
    organisation anything to do learns nothing of who is in office there."""
    if not name:
        return None
    if organisation is None:
        raise Problem("no_holder", "请先填写承办单位，再写责任人。", "Name the holder first, then the person.")
    permission = ISSUE if may(actor, ISSUE) else PETITIONS
    targets.reachable(actor, permission, "organisation", [organisation], timezone.localdate())
    rows = Term.objects.filter(
        valid_to=None, post__organisation_id=organisation, official__name=name, official__merged_into=None
    )
    found = list(rows.values_list("official_id", flat=True).distinct()[:2])
    if len(found) != 1:
        raise Problem(
            "no_such_person",
            "承办单位里没有唯一一名在任的同名干部。请核对姓名，或先在“干部”里登记任职。",
            "No one official in office there bears this name. Check it, or record the post first.",
        )
    return found[0]


def given(actor: Actor, posted: QueryDict) -> Given:
    """What an act’s form says, but for papers."""
    holder = office(text(posted, "holder", 200))
    within = {"yes": True, "no": False}.get(text(posted, "within_authority", 3))
    titles, holders = _parts(posted)
    return Given(
        note=text(posted, "note"),
        limit=day(posted, "limit", "时限", "the limit"),
        until=day(posted, "until", "停到哪一天", "the day"),
        look_back_on=day(posted, "look_back_on", "回头看日期", "the day of the look-back"),
        holder_id=holder,
        official_id=person(actor, text(posted, "official", 60), holder),
        into_id=whole_number(text(posted, "into", 20), None),
        within_authority=within,
        parts=titles,
        part_holders=holders,
        reference=text(posted, "reference", 201),
        hand_on=bool(posted.get("hand_on")),
        parent_id=whole_number(text(posted, "parent", 20), None),
    )


def _parts(posted: QueryDict) -> tuple[tuple[str, ...], tuple[int | None, ...]]:
    """Titles and holders in the order of their lines; empty lines are none."""
    titles = [each.replace("\0", "").strip()[:201] for each in posted.getlist("part")[:50]]
    offices = [each.replace("\0", "").strip()[:200] for each in posted.getlist("part_holder")[:50]]
    lines = [(title, offices[at] if at < len(offices) else "") for at, title in enumerate(titles) if title]
    return tuple(title for title, _office in lines), tuple(office(named) for _title, named in lines)


def papers(request: HttpRequest) -> tuple[evidence.Kept, ...]:
    """The files handed in, kept under their digests. The caller has seen that the reader may do the act."""
    files = request.FILES.getlist("paper")
    if len(files) > FILES:
        raise Problem("too_many_files", f"一次最多上传 {FILES} 个文件。", f"At most {FILES} files at a time.")
    return tuple(evidence.keep(each) for each in files)


def with_papers(said: Given, kept: tuple[evidence.Kept, ...]) -> Given:
    """What is said, with the files handed in."""
    return replace(said, papers=kept)


def seen(posted: QueryDict, number: int) -> Mapping[int, int] | None:
    """The version that the form was made from."""
    version = whole_number(posted.get("seen", ""), None)
    return None if version is None else {number: version}


def households(written: str) -> tuple[SubjectRef, ...]:
    """Households by their codes, one a line or apart by commas and spaces. Raises Problem for one that is not there:
    who may not see it is told the same."""
    codes = list(dict.fromkeys(written.replace("，", " ").replace(",", " ").split()))
    if len(codes) > MOST_SUBJECTS:
        raise Problem("too_many", f"一次最多 {MOST_SUBJECTS} 户。", f"At most {MOST_SUBJECTS} households at a time.")
    found = dict(Household.objects.filter(code__in=listed_texts(codes)).values_list("code", "pk"))
    if len(found) < len(codes):
        raise targets.outside()
    return tuple(SubjectRef("household", found[code]) for code in codes)
