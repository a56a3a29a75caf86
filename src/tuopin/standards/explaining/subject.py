"""Explaining one subject: judged anew by the interpreter, compared with what is stored, each cell with its evidence."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from django.utils import timezone

from tuopin.core.standards import FROM_LETTER, Judge
from tuopin.core.standards.abridging import CHANGED
from tuopin.core.standards.explaining import explain_judgement
from tuopin.core.standards.kinds import CONDITIONS
from tuopin.platform.access import field_classes_at, may
from tuopin.platform.auditing import readlog
from tuopin.platform.database import data_version
from tuopin.platform.problems import Missing, Problem
from tuopin.register.models import AreaVersion, Household, Residence
from tuopin.register.permissions import VIEW_HOUSEHOLD
from tuopin.register.selectors import on_day, sees_names
from tuopin.standards import results, waivers
from tuopin.standards.explaining import areas as explain_areas
from tuopin.standards.explaining import grounds
from tuopin.standards.explaining.filling import gaps, helpers
from tuopin.standards.explaining.judged import Judged
from tuopin.standards.explaining.masking import all_members, held_names, masked, names_of, unnamed
from tuopin.standards.lifecycle.states import drafts_of, drafts_today
from tuopin.standards.models import Evaluation, Verdict
from tuopin.standards.packs import get_prepared
from tuopin.standards.permissions import VIEW
from tuopin.standards.places import AREA_LEVELS, Place, bound_pack
from tuopin.standards.procedures.papers import papers_of
from tuopin.standards.statements import Choice
from tuopin.standards.subject import CODE, ID, SubjectReader, from_file
from tuopin.standards.telling import closed_rules, worked_out

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.core.standards import Draft, Prepared
    from tuopin.core.standards.explaining import Cell, SubjectExplanation
    from tuopin.platform.access import Actor
    from tuopin.register.household_file import HouseholdFile
    from tuopin.standards.explaining.areas import Below
    from tuopin.standards.explaining.filling import Gap
    from tuopin.standards.explaining.grounds import Evidence, Key
    from tuopin.standards.procedures.papers import Proof
    from tuopin.standards.subject import Loaded, Subject

    type _Wanted = tuple[str, datetime.date, str, Evaluation | None]


@dataclass(frozen=True, slots=True)
class Target:
    """A subject by id, with the area it lies in on the day."""

    code: str
    level: str
    subject_id: int
    area_id: int
    path: str


@dataclass(frozen=True, slots=True)
class Explained:
    """One standard's explanation of a subject. ``stored`` is the evaluation it was compared with, if there is one;
    ``differs`` says that judging today's data gives other verdicts than those stored, ``stale`` that the register has
    changed since (of an area explained by what was stored, that is all that is known).

    ``gaps`` say by item what is blank and who can fill it; ``below`` is how the levels below an area stand, None where
    it was not asked for. ``hidden``: members below are counted, not named."""

    target: Target
    prepared: Prepared
    explanation: SubjectExplanation
    evidence: Mapping[tuple[str, int, str], Evidence]
    members: tuple[tuple[int, str, str], ...]  # (id, code, name) of the subjects below, by index
    stored: Evaluation | None
    differs: bool | None
    drafts: tuple[Draft, ...]  # what was unconfirmed when the stored evaluation ran, or is today without one
    vouched: Mapping[str, waivers.Vouched] | None = None  # doubts that somebody vouched for; None = not looked up
    gaps: Mapping[str, tuple[Gap, ...]] = field(default_factory=dict)
    below: tuple[Below, ...] | None = None
    stale: bool = False
    hidden: bool = False
    helpers: tuple[str, ...] = ()  # of a household that lacks something: who answers for it, where it was asked for
    papers: tuple[Proof, ...] = ()  # of its procedures, with the first explanation, where they were asked for

    def spelled(self) -> frozenset[str]:
        """Codes of the members that are named."""
        indexes = {member.index for item in self.explanation.items for member in all_members(item)}
        return frozenset(self.members[at][1] for at in indexes if at < len(self.members) and self.members[at][1])

    def source(self, cell: Cell, member: int | None = None) -> Evidence | None:
        """The evidence of a cell of the subject, or of the member with that index."""
        if member is None:
            return self.evidence.get((self.target.level, self.target.subject_id, cell.block))
        below = self.prepared.catalogue.below(self.target.level)
        return self.evidence.get((below.name, self.members[member][0], cell.block)) if below else None


def expiry(explained: Explained, key: str) -> datetime.date | None:
    """The last day on which all evidence of an item counts; None where the item sets no age, or has no evidence."""
    item = next(each for each in explained.prepared.items if each.key == key)
    blocks = set(item.aged_blocks)
    days = [each.as_of for (level, _id, block), each in explained.evidence.items() if (level, block) in blocks]
    return grounds.expires(min(days), item.item.evidence_max_age) if days else None


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
    is_known, gone = False, None
    for level, subject_id in _identities(code):
        stored = _stored(level, subject_id, standard, day, pack)
        wanted: list[_Wanted] = [(each.standard, each.day, each.pack, each) for each in stored]
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
            try:
                prepared = get_prepared(pack_key or bound_pack(Place(there.area_id, there.path), on), key, on)
                if prepared.standard.level == level:
                    found.append(_explain(actor, target, prepared, Judged(evaluation) if evaluation else None))
            except Problem as problem:
                if evaluation is None:
                    raise
                gone = problem  # its pack is gone or was changed: the others can be explained, as on the pages
    if not is_known:
        raise Missing("no_such_subject", f"没有找到 {code}。", f"There is no subject {code}.", subject=code)
    if not found:
        raise gone or Problem(
            "nothing_to_explain",
            f"{code} 没有已存的判定。请指明标准和日期，如 household_exit --on 2018-12-01。",
            f"{code} has no stored verdict. Name a standard and a day, such as household_exit --on 2018-12-01.",
            subject=code,
        )
    target = found[0].target
    readlog.read(actor, f"{target.level}:{target.subject_id}", {"shown": "standards.explain"}, 1)
    if target.level == "household":
        lacking = any(each.gaps for each in found)
        named = helpers(actor, target.path, target.subject_id, timezone.localdate()) if lacking else ()
        found[0] = replace(found[0], papers=_papers(actor, found[0]))
        return [replace(each, helpers=named) for each in found]
    version = AreaVersion.objects.filter(area_id=target.subject_id).order_by("-valid_from").first()
    return found if version is None else _with_below(actor, version, found, results.newest(version, CONDITIONS.key))


def explain_area(
    actor: Actor, version: AreaVersion, runs: Sequence[Evaluation], newest: Sequence[Evaluation]
) -> list[Explained]:
    """Why an area has its verdicts by evaluations of its own level that judged it, with how the levels below it stand
    in the ``newest``; what of it can be explained. Notes the reading of households that it names. Empty outside the
    grants. A dozen queries and one a block of facts, whatever lies in the area."""
    target = Target(version.code, version.level, version.area_id, version.area_id, version.path)
    if not _may_see(actor, target):
        return []
    listed = [run for run in runs if run.level == version.level]
    reader = explain_areas.AreaReader(actor, version.area_id, version.code, version.path)
    reader.prefetch(listed)
    now, found = data_version(), list[Explained]()
    for run in listed:
        try:
            prepared = get_prepared(run.pack, run.standard, run.day)
            found.append(_explain(actor, target, prepared, Judged(run), reader=reader, now=now))
        except Problem:  # the pack is gone or was changed, or the area was not judged that day
            continue
    return _with_below(actor, version, found, newest)


def _with_below(
    actor: Actor, version: AreaVersion, found: list[Explained], newest: Sequence[Evaluation]
) -> list[Explained]:
    """The first of them with how the levels below stand: once a page. The reading of named households is noted."""
    if not found:
        return []
    below = explain_areas.below(actor, version, newest)
    named = {code for each in found for code in each.spelled()}
    if version.level == "village":
        named |= {one.code for each in below for one in (*each.failing, *each.unknown) if one.code}
        if named:
            readlog.read(actor, f"area:{version.area_id}", {"shown": "standards.explain"}, len(named))
    at = next((at for at, each in enumerate(found) if each.prepared.kind is CONDITIONS), 0)
    first = replace(found[at], below=below, papers=_papers(actor, found[at]))
    return [*found[:at], first, *found[at + 1 :]]


def _papers(actor: Actor, explained: Explained) -> tuple[Proof, ...]:
    target = explained.target
    return papers_of(actor, target.level, target.subject_id, target.path, explained.prepared.day)


def explain_stored(
    actor: Actor, target: Target, judged: Iterable[Judged], file: HouseholdFile | None = None
) -> list[Explained]:
    """Explain a subject that the caller has found and will note in the read log, by stored evaluations. Empty outside
    the grants. ``file`` is what the caller has read of a household: nothing of it is read again."""
    if not _may_see(actor, target):
        return []
    runs = ((each, each.evaluation) for each in judged)
    return [_explain(actor, target, get_prepared(run.pack, run.standard, run.day), each, file) for each, run in runs]


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
    *,
    reader: explain_areas.AreaReader | None = None,
    now: int | None = None,
) -> Explained:
    stored = None if judged is None else judged.evaluation
    members: tuple[tuple[int, str, str], ...] = ()
    hidden, differs = False, None
    if target.level == "household" or (target.level == "village" and judged is None):
        loaded = None if file is None else from_file(replace(file, day=prepared.day))
        read = _read(target, prepared, loaded)
        explanation, evidence = read.explanation, read.evidence
        hidden = target.level == "village" and not may(actor, VIEW_HOUSEHOLD, area_path=target.path)
        members = () if hidden else _members(actor, target, prepared, explanation, read.subject, loaded)
        differs = None if judged is None else _differs(judged, target.subject_id, explanation)
    elif judged is not None:
        reader = reader or explain_areas.AreaReader(actor, target.subject_id, target.code, target.path)
        of_area = reader.explain(prepared, judged.evaluation)
        explanation, evidence, members = of_area.explanation, of_area.evidence, of_area.members
        hidden = target.level == "village" and not may(actor, VIEW_HOUSEHOLD, area_path=target.path)
        differs = any(item.reason is CHANGED for item in explanation.items)
    else:
        raise Problem(
            "not_evaluated", f"{target.code} 尚未按此标准核查。请先核查，再看说明。",
            f"{target.code} has not been evaluated by this standard: evaluate first.", subject=target.code,
        )  # fmt: skip
    if hidden:
        explanation, members = unnamed(explanation), ()
    drafts = drafts_today(prepared) if stored is None else drafts_of(stored, prepared)
    marked = {each.key for each in drafts}
    shown = replace(
        explanation,
        items=tuple(replace(each, draft=each.draft and each.key in marked) for each in explanation.items),
    )
    household = target.subject_id if target.level == "household" else None
    classes = field_classes_at(actor, VIEW, target.path, household)
    if classes is not None:
        keys = [each.key for each in shown.items]
        told = closed_rules(prepared.kind.key, keys, prepared, classes)
        shown = masked(shown, classes, told, worked_out(prepared, classes))
    return Explained(
        target=target,
        prepared=prepared,
        explanation=shown,
        evidence=evidence,
        members=members,
        stored=stored,
        differs=differs,
        drafts=drafts,
        vouched=None if judged is None else judged.vouched,
        gaps={
            item.key: found for item in shown.items
            if (found := tuple(gaps(actor, item, prepared.pack.key, target.code, target.level, target.path, household)))
        },
        stale=stored is not None
        and target.level != "household"
        and stored.data_version != (data_version() if now is None else now),
        hidden=hidden,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Read:
    """A subject read with all that lies below it, judged and explained, with where its values stand."""

    subject: Subject
    explanation: SubjectExplanation
    evidence: dict[Key, Evidence]


_judges: dict[int, Judge] = {}
_JUDGES = 64  # standards of some days; as many as ``packs`` keeps prepared


def _judge(prepared: Prepared) -> Judge:
    """The judge of a standard, compiled once: compiling took more of a household's page than judging."""
    held = _judges.get(id(prepared))
    if held is None or held.prepared is not prepared:
        if len(_judges) >= _JUDGES:
            _judges.clear()
        held = _judges[id(prepared)] = Judge(prepared)
    return held


def _read(target: Target, prepared: Prepared, loaded: Loaded | None) -> _Read:
    reader = SubjectReader(prepared, Choice(target.level, (target.subject_id,)), loaded)
    subjects = reader.read()
    if not subjects:
        raise Missing(
            "not_judged",
            f"{target.code} 在 {prepared.day} 不在登记册内，不作判定。",
            f"{target.code} is not on the register on {prepared.day} and is not judged.",
            subject=target.code,
        )
    subject, judge = subjects[0], _judge(prepared)
    judgement = judge(subject)
    most = explain_areas.FIRST
    found = explain_judgement(prepared, judgement, subject, judge.shown(judgement), most=most)
    below = prepared.catalogue.below(target.level)
    listed = cast("list[Subject]", subject.get(below.name, [])) if below is not None else []
    wanted: set[Key] = set()
    for item in found.items:
        wanted |= {(target.level, target.subject_id, cell.block) for cell in item.cells}
        for member in all_members(item):
            key = int(str(listed[member.index][ID]))
            wanted |= {(member.level, key, cell.block) for cell in member.cells}
    return _Read(subject, found, grounds.read(reader.evidence, loaded, prepared.catalogue, wanted))


def _differs(judged: Judged, subject_id: int, explanation: SubjectExplanation) -> bool:
    evaluation = judged.evaluation
    letters = judged.letters or (
        Verdict.objects.filter(evaluation=evaluation, subject_id=subject_id).values_list("letters", flat=True).first()
    )
    if not letters:  # of an area that was not judged that day
        return True
    stored = dict(zip(["overall", *evaluation.items], (FROM_LETTER[letter] for letter in letters), strict=True))
    return stored != {"overall": explanation.overall, **{item.key: item.verdict for item in explanation.items}}


def _members(
    actor: Actor, target: Target, prepared: Prepared, explanation: SubjectExplanation, subject: Subject,
    loaded: Loaded | None,
) -> tuple[tuple[int, str, str], ...]:  # fmt: skip
    """(id, code, name) of the subjects below, by index. Names only of those that the explanation spells out, within
    the grants; a household that has moved out of them since has no code either."""
    below = prepared.catalogue.below(prepared.standard.level)
    listed = subject.get(below.name) if below is not None else None
    if below is None or not isinstance(listed, list):
        return ()
    codes = {each[ID]: str(each[CODE]) for each in listed}
    spelled = {listed[member.index][ID] for item in explanation.items for member in all_members(item)}
    names: dict[int, str] = {}
    if below.name == "household":
        codes, names = explain_areas.households_called(actor, sorted(spelled))
    elif below.name == "person" and sees_names(actor, target.path, target.subject_id):
        names = names_of(sorted(spelled), prepared.day) if loaded is None else held_names(loaded)
    return tuple((each[ID], codes.get(each[ID], ""), names.get(each[ID], "")) for each in listed)
