"""What the standards add to lists of households and villages: verdicts, shown facts, and the filter of a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, F, Lookup, OuterRef

from tuopin.core.language.catalogue import Title
from tuopin.core.standards.kinds import CONDITIONS, KINDS, QUALITY
from tuopin.platform.access import may
from tuopin.platform.database import data_version
from tuopin.platform.given import whole_number
from tuopin.platform.lists import Column, Extension, Filter
from tuopin.platform.lists.filters import Widget
from tuopin.platform.lists.texts import verdict_titles
from tuopin.platform.panels import unit_title
from tuopin.platform.problems import Missing, Problem
from tuopin.register.counting import moved_since
from tuopin.register.listings import covers
from tuopin.register.permissions import VIEW_HOUSEHOLD

from . import doubts, results, telling
from .area_figures import of_areas
from .comparing import lists as comparing
from .explaining.reasons import Reasons
from .lifecycle.states import drafts_of
from .models import Verdict
from .packs import get_prepared
from .permissions import VIEW
from .procedures.lists import PROCEDURES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.core.standards import Prepared
    from tuopin.platform.lists import Reader, Row

    from .models import Evaluation


if TYPE_CHECKING:
    _Lookup = Lookup[str]
else:
    _Lookup = Lookup


class _Like(_Lookup):
    """``letters LIKE '__n%'``: the databases know how often each row of letters occurs, and so how many will match."""

    lookup_name = "like"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        left, values = self.process_lhs(compiler, connection)
        return f"{left} LIKE %s", (*values, self.rhs)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A verdict (empty = any) on an item of an evaluation."""

    run: Evaluation
    item: str
    verdict: str


@dataclass(frozen=True, slots=True)
class VerdictFilter(Filter[Chosen]):
    """``standard``, ``item``, ``verdict`` and ``run`` together. Without ``run`` the newest evaluation of the standard
    that covers the place counts; ``runs`` are the newest ones of the level, ``current`` the one shown."""

    runs: tuple[Evaluation, ...] = ()
    current: Evaluation | None = None
    prepared: Prepared | None = None
    subject: str = "pk"
    closed: frozenset[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        return ("standard", "item", "verdict", "run")

    def parse(self, given: Mapping[str, Sequence[str]], reader: Reader) -> Chosen | None:  # noqa: ARG002 - as all
        standard, item, verdict, run = ("".join(given.get(name, ())[-1:]) for name in self.names)
        if not (standard or item or verdict or run):
            return None
        if self.current is None:
            raise self.refuse("这里还没有核查结果。", "there is no evaluation here yet.")
        item = item or results.OVERALL
        if item == results.OVERALL and verdict and KINDS[self.current.kind].overall is None:
            raise self.refuse(
                "这项标准没有综合判定，请选择指标。", "the standard has no overall verdict; choose an item."
            )
        if item != results.OVERALL and item not in self.current.items:
            raise self.refuse("这项标准没有这个指标。", "the standard has no such item.")
        if verdict and verdict not in results.LETTERS:
            raise self.refuse("没有这种判定。", "there is no such verdict.")
        telling.check_asked(item, verdict, self.closed)
        return Chosen(self.current, item, verdict)

    def matching(self, rows: QuerySet[Any], value: Chosen) -> QuerySet[Any]:
        found = Verdict.objects.filter(evaluation=value.run, subject_id=OuterRef(self.subject))
        if value.verdict:
            position = 0 if value.item == results.OVERALL else 1 + value.run.items.index(value.item)
            pattern = "_" * position + results.LETTERS[value.verdict] + "%"
            found = found.filter(_Like(F("letters"), pattern))
        return rows.filter(Exists(found))

    def counted(self, value: Chosen, reader: Reader) -> int | None:
        """From the figures of the area, where the evaluation is of the register as it is listed: of these data, and of
        a day since which nobody moved."""
        run = value.run
        if self.subject != "pk" or not covers(reader, VIEW_HOUSEHOLD):
            return None
        if run.data_version != data_version() or moved_since(run.day):
            return None
        figures = of_areas(run, [reader.place.area_id]).get(reader.place.area_id)
        tally = figures.tally.get(value.item) if figures is not None else None
        if tally is None:
            return None
        return tally[results.VERDICTS.index(value.verdict)] if value.verdict else sum(tally)

    def parameters(self, value: Chosen) -> tuple[tuple[str, str], ...]:
        pairs = (("standard", value.run.standard), ("item", value.item), ("verdict", value.verdict),
                 ("run", str(value.run.pk)))  # fmt: skip
        return tuple((name, text) for name, text in pairs if text)

    def words(self, value: Chosen, reader: Reader) -> Title:  # noqa: ARG002 - as all filters
        item = self._items().get(value.item, Title(value.item, value.item))
        day = value.run.day.isoformat()
        words = verdict_titles(value.run.kind)
        verdict = words[value.verdict] if value.verdict else Title("已判定", "judged")
        title = _standard_title(value.run, self.prepared)
        return Title(f"{title.zh} {item.zh} {verdict.zh}（{day}）", f"{title.en} {item.en} {verdict.en} ({day})")

    def widgets(self, value: Chosen | None, reader: Reader) -> tuple[Widget, ...]:  # noqa: ARG002 - as all filters
        if self.current is None:
            return ()
        active = value is not None
        listed = tuple(verdict_titles(self.current.kind).items())
        standards = tuple((run.standard, _standard_title(run, None)) for run in self.runs)
        found = [
            Widget("item", Title("指标", "Item"), "select", value.item if value else "",
                   tuple(self._items().items()), active=active),
            Widget("verdict", Title("判定", "Verdict"), "select", value.verdict if value else "", listed,
                   active=active),
        ]  # fmt: skip
        if len(standards) > 1:
            found.insert(
                0, Widget("standard", Title("标准", "Standard"), "select", self.current.standard if value else "",
                          standards, active=active),
            )  # fmt: skip
        return tuple(found)

    def _items(self) -> dict[str, Title]:
        known = {item.key: item.title for item in self.prepared.standard.items} if self.prepared else {}
        assert self.current is not None  # noqa: S101 - asked only where there is an evaluation
        names = {key: known.get(key, Title(key, key)) for key in self.current.items}
        overall = {results.OVERALL: Title("综合判定", "Overall")} if KINDS[self.current.kind].overall else {}
        return {**overall, **names}


def _standard_title(run: Evaluation, prepared: Prepared | None) -> Title:
    prepared = prepared or _prepared(run)
    return prepared.standard.title if prepared else Title(run.standard, run.standard)


def _prepared(run: Evaluation) -> Prepared | None:
    try:
        return get_prepared(run.pack, run.standard, run.day)
    except Problem:  # the pack is gone or no longer loads
        return None


def _current(reader: Reader, runs: Sequence[Evaluation], level: str) -> Evaluation | None:
    """The evaluation that the address asks for, else the newest. Raises Missing."""
    standard, asked = reader.given.get("standard", ""), reader.given.get("run", "")
    if asked:
        number = whole_number(asked, 0)  # 0: there is none
        wanted = next((run for run in runs if run.pk == number), None)
        if wanted is None:
            wanted = results.evaluation(reader.actor, number, reader.place, standard)
        if wanted.level == level and standard in {"", wanted.standard}:
            return wanted
        raise Missing("no_such_evaluation", "没有这次核查。", "There is no such evaluation.")
    if standard:
        found = next((run for run in runs if run.standard == standard), None)
        if found is None:
            raise Missing("no_such_evaluation", "没有这次核查。", "There is no such evaluation.")
        return found
    return results.leading([run for run in runs if run.kind == CONDITIONS.key] or runs)


def _extension(level: str, subject: str, reader: Reader) -> Extension:
    place = reader.place
    if place is None or not may(reader.actor, VIEW, area_path=place.path):
        return Extension()
    runs = tuple(run for run in results.newest(place) if run.level == level)
    run = _current(reader, runs, level)
    prepared = _prepared(run) if run is not None else None
    chosen = VerdictFilter(
        "verdict", Title("核查", "Check"), runs=runs, current=run, prepared=prepared, subject=subject,
        closed=_closed(run, prepared, reader),
    )  # fmt: skip
    if run is None:
        return Extension(filters=(chosen,))
    quality = doubts.filters_and_columns(run, prepared, reader, subject) if run.kind == QUALITY.key else ((), ())
    return Extension(
        (*_columns(run, prepared, subject, reader), *quality[1]), (chosen, *quality[0]), _notes(run, prepared, reader)
    )


def _notes(run: Evaluation, prepared: Prepared | None, reader: Reader) -> tuple[Title, ...]:
    """What was unconfirmed when the verdicts shown were made; of many rules or categories, of the one looked at."""
    draft = drafts_of(run, prepared) if prepared is not None else ()
    item = reader.given.get("item")
    if item and KINDS[run.kind].true_points:
        draft = tuple(each for each in draft if each.key == item)
    if not draft:
        return ()
    zh = "；".join(each.title.zh for each in draft)
    en = "; ".join(each.title.en for each in draft)
    return (Title(f"草案，未确认：{zh}", f"Draft, unconfirmed: {en}"),)


def _columns(run: Evaluation, prepared: Prepared | None, subject: str, reader: Reader) -> tuple[Column, ...]:
    """Each item and the overall verdict. Rules and categories are many and have little to do with each other: only the
    one that the list is narrowed by stands there unless others are chosen."""
    kind = KINDS[run.kind]
    few = kind is CONDITIONS
    load = partial(_load, run, prepared, subject)
    keys = (results.OVERALL, *run.items)
    names = {item.key: (item.title, item.short) for item in prepared.standard.items} if prepared else {}
    found = [Column("overall", Title("综合判定", "Overall"), "verdict", load=load, pick=partial(_letter, 0),
                    needs=(subject,), short=Title("综合", "overall"), words=run.kind)]  # fmt: skip
    found = found if kind.overall is not None else []
    for at, key in enumerate(keys[1:], start=1):
        title, short = names.get(key, (Title(key, key), Title(key, key)))
        found.append(Column(f"item_{key}", title, "verdict", load=load, pick=partial(_letter, at), needs=(subject,),
                            short=short, words=run.kind,
                            optional=not few and reader.given.get("item") != key))  # fmt: skip
    for at, shown in enumerate(prepared.shown if prepared else ()):
        found.append(Column(f"shown_{shown.name}", shown.title, "amount", load=load, pick=partial(_shown, at),
                            needs=(subject,), unit=unit_title(shown.unit), optional=True))  # fmt: skip
    reasons = Reasons(run, prepared)
    found.append(Column("reason", Title("原因", "Reason"), load=load, needs=(subject,), optional=True,
                        pick=lambda stored: None if stored is None else reasons.of(*stored),
                        blank=Title("—", "—")))  # fmt: skip
    return tuple(found)


def _closed(run: Evaluation | None, prepared: Prepared | None, reader: Reader) -> frozenset[str]:
    return frozenset() if run is None else telling.closed_rules(run.kind, run.items, prepared, reader.classes)


def _load(
    run: Evaluation, prepared: Prepared | None, subject: str, reader: Reader, rows: Sequence[Row]
) -> Mapping[Any, Any]:
    closed = _closed(run, prepared, reader)
    by_subject = {row[subject]: row["pk"] for row in rows}
    found = Verdict.objects.filter(evaluation=run, subject_id__in=by_subject)
    return {
        by_subject[key]: (telling.told_letters(letters, run.items, closed), shown)
        for key, letters, shown in found.values_list("subject_id", "letters", "shown")
    }


def _letter(at: int, found: tuple[str, str] | None) -> str | None:
    """None: the subject was not judged."""
    return None if found is None else results.WORDS[found[0][at]]


def _shown(at: int, found: tuple[str, str] | None) -> str | None:
    texts = found[1].split("|") if found else []
    return texts[at] if at < len(texts) else None


def _with_changes(level: str, subject: str, reader: Reader) -> Extension:
    """The verdicts, and who changes where the address names a comparison."""
    own, changes = _extension(level, subject, reader), comparing.extension(subject, reader)
    return Extension(
        (*own.columns, *changes.columns), (*own.filters, *changes.filters), (*own.notes, *changes.notes)
    )  # fmt: skip


EXTENSIONS = {
    "register.households": partial(_with_changes, "household", "pk"),
    "register.villages": partial(_with_changes, "village", "area_id"),
}

LISTINGS = (PROCEDURES,)
