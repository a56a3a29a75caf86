"""Explaining one subject: judged anew by the interpreter, compared with what is stored, each cell with its evidence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.core.standards import FROM_LETTER, KINDS, Judge
from tuopin.core.standards.explaining import Cell, ItemExplanation, SubjectExplanation, explain_judgement, missing
from tuopin.platform.access import field_classes_at, may
from tuopin.platform.auditing import readlog
from tuopin.platform.problems import Missing, Problem
from tuopin.register.models import AreaVersion, Household, PersonIdentity, Residence, Sheet
from tuopin.register.permissions import VIEW_HOUSEHOLD
from tuopin.register.selectors import on_day, sees_names
from tuopin.standards import waivers
from tuopin.standards.lifecycle.states import drafts_of, drafts_today
from tuopin.standards.models import Evaluation, Verdict
from tuopin.standards.packs import get_prepared
from tuopin.standards.permissions import VIEW
from tuopin.standards.places import AREA_LEVELS, Place, bound_pack
from tuopin.standards.statements import Choice
from tuopin.standards.subject import CODE, ID, Source, SubjectReader, from_file

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Mapping

    from django.db.models import QuerySet

    from tuopin.core.standards import Draft, Prepared
    from tuopin.platform.access import Actor
    from tuopin.register.household_file import HouseholdFile
    from tuopin.standards.subject import Loaded, Subject

HIDDEN = Title("（不在您的授权内）", "(outside your grants)")


@dataclass(frozen=True, slots=True)
class Target:
    """A subject by id, with the area it lies in on the day."""

    code: str
    level: str
    subject_id: int
    area_id: int
    path: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a cell was read: workbook, sheet, row, and the day it describes. Blank file: entered by hand."""

    file: str
    sheet: str
    row: int | None
    as_of: datetime.date


@dataclass(frozen=True, slots=True)
class Explained:
    """One standard's explanation of a subject. ``stored`` is the evaluation it was compared with, if there is one;
    ``differs`` says that judging today's data gives other verdicts than those stored."""

    target: Target
    prepared: Prepared
    explanation: SubjectExplanation
    evidence: Mapping[tuple[str, int, str], Evidence]
    members: tuple[tuple[int, str, str], ...]  # (id, code, name) of the subjects below, by index
    stored: Evaluation | None
    differs: bool | None
    drafts: tuple[Draft, ...]  # what was unconfirmed when the stored evaluation ran, or is today without one
    vouched: Mapping[str, waivers.Vouched] | None = None  # doubts that somebody vouched for; None = not looked up

    def source(self, cell: Cell, member: int | None = None) -> Evidence | None:
        """The evidence of a cell of the subject, or of the member with that index."""
        if member is None:
            return self.evidence.get((self.target.level, self.target.subject_id, cell.block))
        below = self.prepared.catalogue.below(self.target.level)
        return self.evidence.get((below.name, self.members[member][0], cell.block)) if below else None


def explain(
    actor: Actor,
    code: str,
    *,
    standard: str | None = None,
    day: datetime.date | None = None,
    pack: str | None = None,
) -> list[Explained]:
    """Explain the subject with this code: by the standard named, else by those of its last stored evaluations.

    Raises Missing where there is no such subject within the grants (outside and not existing look alike), Problem
    where neither a stored evaluation nor ``standard`` and ``day`` say what to explain. The read log gets one entry.
    """
    found: list[Explained] = []
    is_known = False
    for level, subject_id in _identities(code):
        stored = _stored(level, subject_id, standard, day, pack)
        wanted: list[tuple[str, datetime.date, str, Evaluation | None]] = [
            (each.standard, each.day, each.pack, each) for each in stored
        ]
        if not wanted and standard is not None and day is not None:
            wanted = [(standard, day, pack or "", None)]
        target_day = wanted[0][1] if wanted else day
        there = _target(code, level, subject_id, target_day)
        # an area is what it was on the day; a household belongs to the readers of where it lives now
        target = _target(code, level, subject_id, timezone.localdate()) if level == "household" else there
        if there is None or target is None or not _may_see(actor, target):
            continue
        is_known = True
        for key, on, pack_key, evaluation in wanted:
            prepared = get_prepared(pack_key or bound_pack(Place(there.area_id, there.path), on), key, on)
            if prepared.standard.level == level:
                found.append(_explain(actor, target, prepared, Judged(evaluation) if evaluation else None))
    if not is_known:
        raise Missing("no_such_subject", f"没有找到 {code}。", f"There is no subject {code}.", subject=code)
    if not found:
        raise Problem(
            "nothing_to_explain",
            f"{code} 没有已存的判定。请指明标准和日期，如 household_exit --on 2018-12-01。",
            f"{code} has no stored verdict. Name a standard and a day, such as household_exit --on 2018-12-01.",
            subject=code,
        )
    target = found[0].target
    readlog.read(actor, f"{target.level}:{target.subject_id}", {"shown": "standards.explain"}, 1)
    return found


@dataclass(frozen=True, slots=True)
class Judged:
    """An evaluation with the letters that it gave the subject; empty = to be looked up. ``vouched``: its doubts that
    somebody vouched for, by item; None = to be looked up."""

    evaluation: Evaluation
    letters: str = ""
    vouched: Mapping[str, waivers.Vouched] | None = None


def explain_stored(
    actor: Actor, target: Target, judged: Iterable[Judged], file: HouseholdFile | None = None
) -> list[Explained]:
    """Explain a subject that the caller has found and will note in the read log, by stored evaluations. Empty outside
    the grants. ``file`` is what the caller has read of a household: nothing of it is read again."""
    if not _may_see(actor, target):
        return []
    return [
        _explain(
            actor, target, get_prepared(each.evaluation.pack, each.evaluation.standard, each.evaluation.day), each, file
        )
        for each in judged
    ]


def judged_households(code: str) -> list[Judged]:
    """The evaluations in which the household with this code was judged, the newest first: one query.

    Says nothing to anybody: the caller checks the household's grants before showing any of it.
    """
    rows = (
        Verdict.objects.filter(subject_id__in=Household.objects.filter(code=code).values("id"))
        .filter(evaluation__level="household")
        .select_related("evaluation")
        .defer("evaluation__tally")
        .annotate(vouched=waivers.beside_verdicts("household"))
        .order_by("-evaluation_id")[:_SHOWN_EVALUATIONS]
    )
    return [
        Judged(row.evaluation, row.letters, waivers.of_standard(row.vouched, row.evaluation.standard)) for row in rows
    ]


_SHOWN_EVALUATIONS = 60  # of one household on its page; older ones stay in the database


def newest_judged(judged: list[Judged], number: int | None = None) -> list[Judged]:
    """The newest of each standard, or the evaluation with that number."""
    newest: dict[str, Judged] = {}
    for each in judged:
        if number is None or each.evaluation.pk == number:
            newest.setdefault(each.evaluation.standard, each)
    order = list(KINDS)
    return sorted(newest.values(), key=lambda each: (order.index(each.evaluation.kind), each.evaluation.standard))


def _identities(code: str) -> list[tuple[str, int]]:
    households = [("household", key) for key in Household.objects.filter(code=code).values_list("id", flat=True)]
    areas = (
        AreaVersion.objects.filter(code=code, level__in=AREA_LEVELS)
        .order_by("-valid_from")
        .values_list("level", "area_id")
    )
    return households + list(dict.fromkeys(areas))


def _stored(
    level: str, subject_id: int, standard: str | None, day: datetime.date | None, pack: str | None
) -> list[Evaluation]:
    """The newest evaluation of each standard in which the subject was judged, narrowed by what was asked."""
    evaluations = Evaluation.objects.filter(
        level=level, pk__in=Verdict.objects.filter(subject_id=subject_id).values("evaluation_id")
    )
    if standard is not None:
        evaluations = evaluations.filter(standard=standard)
    if day is not None:
        evaluations = evaluations.filter(day=day)
    if pack is not None:
        evaluations = evaluations.filter(pack=pack)
    return _newest(evaluations)


def _newest(evaluations: QuerySet[Evaluation]) -> list[Evaluation]:
    newest: dict[str, Evaluation] = {}
    for evaluation in evaluations.order_by("-pk"):
        newest.setdefault(evaluation.standard, evaluation)
    return [newest[key] for key in sorted(newest)]


def _target(code: str, level: str, subject_id: int, day: datetime.date | None) -> Target | None:
    """Where the subject lies on the day; where it lay last, if it is not on the register that day."""
    area_id: int | None = subject_id
    if level == "household":
        residences = Residence.objects.filter(household_id=subject_id).order_by("-valid_from")
        places = residences.values_list("area_id", flat=True)
        area_id = (places.filter(on_day(day)).first() if day else None) or places.first()
    if area_id is None:
        return None
    versions = AreaVersion.objects.filter(area_id=area_id)
    paths = versions.order_by("-valid_from").values_list("path", flat=True)
    path = (paths.filter(on_day(day)).first() if day else None) or paths.first()
    return None if path is None else Target(code, level, subject_id, area_id, path)


def _may_see(actor: Actor, target: Target) -> bool:
    """Verdicts of a household are seen by who may see the household itself: they quote its income and its members."""
    if target.level != "household":
        return may(actor, VIEW, area_path=target.path)
    return all(
        may(actor, permission, area_path=target.path, household_id=target.subject_id)
        for permission in (VIEW, VIEW_HOUSEHOLD)
    )


def _explain(
    actor: Actor,
    target: Target,
    prepared: Prepared,
    judged: Judged | None,
    file: HouseholdFile | None = None,
) -> Explained:
    loaded = None if file is None else from_file(replace(file, day=prepared.day))
    reader = SubjectReader(prepared, Choice(target.level, (target.subject_id,)), loaded)
    subjects = reader.read()
    if not subjects:
        raise Missing(
            "not_judged",
            f"{target.code} 在 {prepared.day} 不在登记册内，不作判定。",
            f"{target.code} is not on the register on {prepared.day} and is not judged.",
            subject=target.code,
        )
    judge = Judge(prepared)
    judgement = judge(subjects[0])
    explanation = explain_judgement(prepared, judgement, subjects[0], judge.shown(judgement))
    stored = None if judged is None else judged.evaluation
    drafts = drafts_today(prepared) if stored is None else drafts_of(stored, prepared)
    marked = {each.key for each in drafts}
    shown = replace(
        explanation,
        items=tuple(replace(each, draft=each.draft and each.key in marked) for each in explanation.items),
    )
    classes = field_classes_at(actor, VIEW, target.path, target.subject_id if target.level == "household" else None)
    return Explained(
        target=target,
        prepared=prepared,
        explanation=shown if classes is None else _masked(shown, classes),
        evidence=_evidence(reader.evidence, loaded),
        members=_members(actor, target, prepared, subjects[0], loaded),
        stored=stored,
        differs=None if judged is None else _differs(judged, target.subject_id, explanation),
        drafts=drafts,
        vouched=None if judged is None else judged.vouched,
    )


def _differs(judged: Judged, subject_id: int, explanation: SubjectExplanation) -> bool:
    evaluation = judged.evaluation
    letters = judged.letters or (
        Verdict.objects.filter(evaluation=evaluation, subject_id=subject_id).values_list("letters", flat=True).get()
    )
    stored = dict(zip(["overall", *evaluation.items], (FROM_LETTER[letter] for letter in letters), strict=True))
    return stored != {"overall": explanation.overall, **{item.key: item.verdict for item in explanation.items}}


def _evidence(
    sources: Mapping[tuple[str, int, str], Source], loaded: Loaded | None
) -> dict[tuple[str, int, str], Evidence]:
    wanted = {each.sheet_id for each in sources.values() if each.sheet_id is not None}
    sheets = Sheet.objects.in_bulk(wanted) if loaded is None else loaded.sheets
    found = {}
    for key, source in sources.items():
        sheet = sheets.get(source.sheet_id) if source.sheet_id is not None else None
        found[key] = Evidence(sheet.file if sheet else "", sheet.name if sheet else "", source.row, source.as_of)
    return found


def _members(
    actor: Actor, target: Target, prepared: Prepared, subject: Subject, loaded: Loaded | None
) -> tuple[tuple[int, str, str], ...]:
    below = prepared.catalogue.below(prepared.standard.level)
    listed = subject.get(below.name) if below is not None else None
    if below is None or not isinstance(listed, list):
        return ()
    names: dict[int, str] = {}
    if below.name == "person" and loaded is not None and sees_names(actor, target.path, target.subject_id):
        identities = loaded.blocks["person_identity"]
        names = {key: str(getattr(row, "name", "")) for key, row in identities.items()}
    elif below.name == "person" and sees_names(actor, target.path, target.subject_id):
        rows = PersonIdentity.objects.filter(
            person_id__in=[each[ID] for each in listed], superseded_at=None, as_of__lte=prepared.day
        )
        names = dict(rows.order_by("as_of").values_list("person_id", "name"))
    return tuple((each[ID], str(each[CODE]), names.get(each[ID], "")) for each in listed)


def _masked(explanation: SubjectExplanation, classes: frozenset[str]) -> SubjectExplanation:
    """Values of classes that the actor may not see are left out; verdicts stay."""

    def cells(listed: tuple[Cell, ...]) -> tuple[Cell, ...]:
        return tuple(
            cell if cell.field_class in classes else replace(cell, value=HIDDEN, blank=False) for cell in listed
        )

    def item(each: ItemExplanation) -> ItemExplanation:
        members = tuple(replace(member, cells=cells(member.cells)) for member in each.members)
        return replace(each, cells=cells(each.cells), members=members)

    return replace(explanation, items=tuple(item(each) for each in explanation.items))


# ---- as a document ------------------------------------------------------------------------------------------------


def document(explained: Explained) -> dict[str, object]:
    """The explanation as JSON can hold it; titles and values in both languages."""
    prepared = explained.prepared
    return {
        "subject": explained.target.code,
        "level": explained.target.level,
        "standard": prepared.standard.key,
        "kind": prepared.kind.key,
        "pack": prepared.pack.key,
        "pack_version": prepared.pack.version,
        "on": prepared.day.isoformat(),
        "draft": [draft.key for draft in explained.drafts],
        "overall": explained.explanation.overall,
        "evaluation": explained.stored.pk if explained.stored else None,
        "differs_from_stored": explained.differs,
        "facts": dict(explained.explanation.shown),
        "items": [_item(explained, item) for item in explained.explanation.items],
    }


def _both(title: Title | None) -> dict[str, str] | None:
    return None if title is None else {"zh": title.zh, "en": title.en}


def _item(explained: Explained, item: ItemExplanation) -> dict[str, object]:
    return {
        "key": item.key,
        "group": item.group,
        "title": _both(item.title),
        "verdict": item.verdict,
        "severity": item.severity,
        "do": _both(item.advice),
        "reason": _both(item.reason),
        "missing": _both(missing(item.cells)),
        "distance": [_both(each) for each in item.distances],
        "test": item.test,
        "applies": item.applies or None,
        "source": item.source,
        "confidence": item.confidence,
        "draft": item.draft,
        "values": [{"name": each.name, "title": _both(each.title), "value": _both(each.value)} for each in item.named],
        "limits": [
            {
                "name": limit.name, "title": _both(limit.title), "value": _both(limit.value),
                "from": limit.valid_from or None, "source": limit.source, "confidence": limit.confidence or None,
            }
            for limit in item.limits
        ],
        "cells": [_cell(explained, cell, None) for cell in item.cells],
        "members": [
            {
                "level": member.level, "code": explained.members[member.index][1],
                "name": explained.members[member.index][2], "fails": member.fails,
                "cells": [_cell(explained, cell, member.index) for cell in member.cells],
            }
            for member in item.members
        ],
    }  # fmt: skip


def _cell(explained: Explained, cell: Cell, member: int | None) -> dict[str, object]:
    evidence = explained.source(cell, member)
    return {
        "name": cell.name,
        "title": _both(cell.title),
        "value": _both(cell.value),
        "blank": cell.blank,
        "absent": cell.absent,
        "evidence": None if evidence is None else {
            "file": evidence.file, "sheet": evidence.sheet, "row": evidence.row, "as_of": evidence.as_of.isoformat(),
        },
    }  # fmt: skip
