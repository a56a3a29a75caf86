"""The list of a hotline (12345 热线): each row becomes a petition, sealed at once, that waits for its paraphrase.

The file lies in a folder of its own while it is read, and is gone with it; no import, no fault and no name of it is
kept, only how many rows became petitions. A row is known again by a keyed digest of its number: a list taken in twice
opens nothing twice. A row that names whom it complains about, whom nobody finds by that name, says so: it goes to no
holder before somebody has said who that is.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.core.workbook import Limits, WorkbookError, load_kind, read_file
from tuopin.duties.models import OrganisationVersion, Term
from tuopin.duties.selectors import last_versions
from tuopin.platform import database, sealing
from tuopin.platform.access import require, subtree, visible_paths
from tuopin.platform.auditing import audit
from tuopin.platform.home import make_home
from tuopin.platform.problems import Problem
from tuopin.register.correcting.subjects import listed, listed_texts
from tuopin.register.models import AreaVersion
from tuopin.register.selectors import on_day, within

from .. import reach
from ..changes import Given
from ..permissions import PETITIONS
from ..services import act, missing
from . import counting, sealed, selectors, services
from .models import Petition, PetitionList
from .sealed import Who
from .services import Coming, Intake

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from django.core.files.uploadedfile import UploadedFile

    from tuopin.core.workbook import StagedSheet
    from tuopin.platform.access import Actor

LARGEST = 5 << 20
MOST = 2000
"""Bytes, and rows, of one list."""
_LIMITS = Limits(memory=2 << 30, seconds=60, rows=20_000, columns=100, cells=500_000, unpacked=200 << 20)
_PURPOSE = "orders.hotline_row"
_FOLDER = "hotline-"
_LEFT = 600.0  # seconds; a list is read in one minute at most
_TITLE = "热线来电（待写转述）"
REASONS = {
    "no_number": Title("没有工单编号或诉求内容", "no number, or nothing said"),
    "bad_cell": Title("有不能读的单元格（日期、过长的文字）", "a cell cannot be read: a day, or a text too long"),
    "bad_day": Title("来电时间没有写，或不在今天之前一年内", "no day, or none of the year before today"),
    "no_place": Title("乡镇不在本区域内，或有同名", "the township is none of this area, or has a namesake"),
    "too_long": Title("文字过长", "a text is too long"),
}


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a list: rows taken, rows known already, and (row of the sheet, why) of those that were not taken.
    Nothing else of a row is said."""

    row: PetitionList | None
    taken: int
    known: int
    refused: Sequence[tuple[int, Title]]
    unnamed: int


def take(actor: Actor, area: AreaVersion, file: UploadedFile[bytes], now: datetime) -> Taken:
    """Take in a list for an area. Must not run inside a transaction. Raises Refused, Problem for what is no list."""
    require(actor, PETITIONS, area_path=area.path)
    rows, faulty = _read(file)
    if not 1 <= len(rows) <= MOST:
        raise Problem(
            "bad_list", f"一份工单表 1 至 {MOST} 行，这份有 {len(rows)} 行。请分几份。",
            f"A list has 1 to {MOST} rows, this one {len(rows)}: divide it.",
        )  # fmt: skip
    found = _Lookup(actor, area, rows, timezone.localdate(now))
    coming, refused = [], []
    for each in rows:
        why = "bad_cell" if each["row"] in faulty else found.wrong(each)
        if why:
            refused.append((int(each["row"]), REASONS[why]))
        else:
            coming.append(found.coming(each))
    try:
        row, taken = _store(actor, coming, len(refused), now)
    except IntegrityError:
        raise Problem(
            "taken_meanwhile", "有人同时导入了同一份工单表，请重新上传，已登记的不会重复。",
            "Somebody took in the same list at the same moment: send it again, nothing is taken in twice.",
        ) from None  # fmt: skip
    return Taken(row, len(taken), len(coming) - len(taken), refused, sum(one.about_open for one in taken))


def _store(
    actor: Actor, coming: Sequence[Coming], refused: int, now: datetime
) -> tuple[PetitionList | None, list[Coming]]:
    with database.write():
        rows = Petition.objects.filter(key__in=listed_texts(one.key for one in coming))
        known = set(rows.values_list("key", flat=True))
        first = {one.key: one for one in reversed(coming) if one.key not in known}
        fresh = list(first.values())[::-1]
        if not fresh:
            return None, []
        row = PetitionList.objects.create(
            at=now, user_id=actor.user_id, actor=reach.signature(actor), taken=len(fresh),
            known=len(coming) - len(fresh), refused=refused,
        )  # fmt: skip
        services.store(actor, fresh, now, row)
        detail: dict[str, object] = {
            name: counting.few(count)
            for name, count in (("taken", row.taken), ("known", row.known), ("refused", refused))
        }
        audit.record(actor, "orders.take_hotline_list", f"petition_list:{row.pk}", detail)
    return row, fresh


def lists(actor: Actor) -> list[PetitionList]:
    """The lists of which the actor keeps every petition, the newest first: their counts would tell who is complained
    about that there is one more."""
    kept = selectors.kept(actor).values("pk")
    rows = Petition.objects.exclude(batch=None)
    found = PetitionList.objects.filter(pk__in=rows.filter(matter__in=kept).values("batch"))
    return list(found.exclude(pk__in=rows.exclude(matter__in=kept).values("batch")).order_by("-pk")[:50])


def take_back(actor: Actor, list_id: int, now: datetime) -> int:
    """Void all petitions of a list, as long as nobody has dealt with one; the same list may be taken in again. Raises
    Missing, Problem."""
    with database.write():
        batch = PetitionList.objects.select_for_update().filter(pk=list_id).first() if list_id < 2**63 else None
        rows = {} if batch is None else dict(batch.petitions.values_list("matter_id", "matter__version"))
        mine = selectors.kept(actor).filter(pk__in=listed(rows)).count()
        if batch is None or mine < len(rows):
            raise missing()
        if batch.withdrawn_at is not None:
            raise Problem("undone_already", "这份工单表已经撤回。", "This list was taken back already.")
        if any(version > 1 for version in rows.values()):
            raise Problem(
                "dealt_with", "其中有的已写转述、受理或作废，不能整份撤回。请逐件“误登作废”。",
                "Some of it was dealt with: it cannot be taken back whole. Void what was a mistake one by one.",
            )  # fmt: skip
        act(actor, "void", list(rows), Given("整份工单表撤回"), now, rows)
        batch.petitions.update(key="")
        batch.withdrawn_at = now
        batch.save(update_fields=["withdrawn_at"])
        audit.record(
            actor, "orders.undo_hotline_list", f"petition_list:{batch.pk}", {"petitions": counting.few(len(rows))}
        )
    return len(rows)


def purge(now: float | None = None) -> int:
    """Delete lists that lie about because the process that read them was killed: who called must not stay in a file.
    Returns how many."""
    before, gone = (time.time() if now is None else now) - _LEFT, 0
    for each in (make_home() / "staging").glob(f"{_FOLDER}*"):
        with suppress(FileNotFoundError):  # who reads it has just taken it away
            if each.stat().st_mtime < before:
                shutil.rmtree(each, ignore_errors=True)
                gone += 1
    return gone


def _read(file: UploadedFile[bytes]) -> tuple[list[dict[str, Any]], set[int]]:
    """The rows, and which of them have a cell that cannot be read. The copy of the file is gone afterwards."""
    if (file.size or 0) > LARGEST:
        raise Problem("file_too_large", f"文件超过 {LARGEST >> 20} MB，请分几份。", "The file is too large: divide it.")
    kind = load_kind(Path(str(resources.files(__package__).joinpath("hotline.toml"))))
    ending = Path(file.name or "").suffix.lower()
    with tempfile.TemporaryDirectory(prefix=_FOLDER, dir=make_home() / "staging") as folder:
        path = Path(folder) / f"list{ending if ending in {'.xlsx', '.xls', '.csv', '.txt'} else ''}"
        with path.open("wb") as target:
            for piece in file.chunks():
                target.write(piece)
        try:
            sheets = read_file(path, [kind], Path(folder), limits=_LIMITS)
        except WorkbookError as error:
            error.value = ""
            raise Problem(error.code, error.zh, error.en) from None
        if len(sheets) != 1:
            raise Problem("bad_list", "文件里有不止一张工单表，请分几份。", "There is more than one list in the file.")
        return _rows(sheets[0])


def _rows(sheet: StagedSheet) -> tuple[list[dict[str, Any]], set[int]]:
    import pyarrow.parquet as pq  # loaded only where a list is read

    data = pq.read_table(sheet.data).to_pylist()
    faults = pq.read_table(sheet.fault_file).to_pylist()
    return data, {int(each["row"]) for each in faults if each["field"]}


class _Lookup:
    """What the rows of a list name: places of its area, organisations, officials; read once for all of them."""

    def __init__(self, actor: Actor, area: AreaVersion, rows: Sequence[Mapping[str, Any]], today: date) -> None:
        self.area, self.today = area, today
        places = {str(each.get("place") or "") for each in rows} - {""}
        offices = {str(each.get("about") or "") for each in rows} - {""}
        people = {str(each.get("about_person") or "") for each in rows} - {""}
        below = AreaVersion.objects.filter(within([subtree(area.path)]), valid_to=None, name__in=listed_texts(places))
        self.places = _once(below.values_list("name", "area_id"))
        live = OrganisationVersion.objects.filter(valid_to=None, name__in=listed_texts(offices))
        self.offices = _once(live.values_list("name", "organisation_id"))
        # who may not give an organisation anything to do learns nothing of who is in office there
        reached = last_versions(visible_paths(actor, PETITIONS)).values("organisation_id")
        terms = Term.objects.filter(
            on_day(today), post__organisation_id__in=reached.filter(organisation_id__in=listed(self.offices.values())),
            official__name__in=listed_texts(people), official__merged_into=None,
        )  # fmt: skip
        self.people = _once(
            ((office, name), official)
            for office, name, official in terms.values_list(
                "post__organisation_id", "official__name", "official_id"
            ).distinct()
        )

    def wrong(self, each: Mapping[str, Any]) -> str:
        """Why a row is not taken; '' if it is."""
        day, place = each.get("received_on"), str(each.get("place") or "")
        if not each.get("ticket") or not str(each.get("words") or "").strip():
            return "no_number"
        if day is None or not 0 <= (self.today - day).days <= services.OLDEST:
            return "bad_day"
        if place and place != self.area.name and place not in self.places:
            return "no_place"
        try:
            sealed.check(_who(each))
        except Problem:
            return "too_long"
        return ""

    def coming(self, each: Mapping[str, Any]) -> Coming:
        """The petition of a row."""
        about, person = str(each.get("about") or ""), str(each.get("about_person") or "")
        office = self.offices.get(about)
        official = self.people.get((office, person)) if office is not None and person else None
        place = self.places.get(str(each.get("place") or ""), self.area.area_id)
        given = Intake(
            "hotline", each["received_on"], place, _TITLE, "", str(each.get("category") or ""), office, official,
            who=_who(each),
        )  # fmt: skip
        # another county's hotline may count alike: its row is another one, and none is told that it is there
        key = sealing.fingerprint(_PURPOSE, f"{self.area.area_id}:{each['ticket']}")
        return Coming(given, None, key, bool(about and office is None) or bool(person and official is None))


def _who(each: Mapping[str, Any]) -> Who:
    """Who called, with the whole row under the seal: the number, and whom it names."""
    said = {name: str(each.get(name) or "") for name in ("name", "phone", "id_number", "address")}
    lines = [str(each.get("words") or "").strip(), f"工单编号：{each.get('ticket') or ''}"]
    lines += [f"{title}{each[name]}" for name, title in (("about", "被反映单位："), ("about_person", sealed.NAMED))
              if each.get(name)]  # fmt: skip
    return Who(**said, words="\n".join(lines))


def _once(pairs: Any) -> dict[Any, int]:
    """Names that one alone bears."""
    found: dict[Any, set[int]] = {}
    for name, number in pairs:
        found.setdefault(name, set()).add(number)
    return {name: next(iter(numbers)) for name, numbers in found.items() if len(numbers) == 1}
