"""Preparing an import on the web: files are handed in, looked at, previewed, imported; each step is a job.

There is one way in: the jobs call ``import_paths`` as the command line does. What a job found stands with the
fingerprint of all it depends on (files, choices, headers, day); once that changes it is out of date.
"""

from __future__ import annotations

import datetime
import hashlib
from typing import TYPE_CHECKING

import orjson
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from tuopin.platform import database, downloads, jobs, uploads
from tuopin.platform.access import require
from tuopin.platform.catalogue import workbook_kinds
from tuopin.platform.models import Job
from tuopin.platform.problems import Missing, Problem

from ..models import Import, ImportSet
from ..permissions import IMPORT
from .fileset import Given
from .maps import titles_in_force

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.core.files.uploadedfile import UploadedFile

    from tuopin.platform.access import Actor
    from tuopin.platform.models import Upload

JOBS = {
    ImportSet.Step.INSPECT: "register.inspect_import",
    ImportSet.Step.PREVIEW: "register.preview_import",
    ImportSet.Step.IMPORT: "register.run_import",
}
YEARS = range(1949, 2201)


def purpose(prepared: ImportSet) -> str:
    """What the uploads of a set are for."""
    return f"register.import/{prepared.pk}"


# -- a set and its files ------------------------------------------------------------------------------------------


def open_set(actor: Actor) -> ImportSet:
    """A new set without files. Raises Refused."""
    require(actor, IMPORT)
    return ImportSet.objects.create(
        actor_kind=actor.kind, user_id=actor.user_id, created_at=timezone.now(),
        token_id=actor.limits.token_id if actor.limits else None,
    )  # fmt: skip


def set_of(actor: Actor, number: int) -> ImportSet:
    """A set of the actor's own; for a token, one that it opened itself. Raises Missing, Refused."""
    require(actor, IMPORT)
    own = ImportSet.objects.filter(actor_kind=actor.kind, user_id=actor.user_id)
    if actor.limits is not None:
        own = own.filter(token_id=actor.limits.token_id)
    found = own.select_related("job").filter(pk=number).first()
    if found is None:
        raise Missing("no_such_set", "没有找到这批文件。", "There is no such set of files.")
    return found


def files_of(actor: Actor, prepared: ImportSet) -> list[Upload]:
    """The files of a set, in the order they came."""
    return uploads.of(actor, purpose(prepared))


def add_file(actor: Actor, prepared: ImportSet, file: UploadedFile[bytes]) -> Upload:
    """Take one more file into a set. Raises Problem when it is not kept, or the set is at work."""
    _still(prepared)
    return uploads.receive(actor, file, purpose(prepared))


def add_file_once(actor: Actor, prepared: ImportSet, file: UploadedFile[bytes], kind: str = "") -> Upload:
    """Take a file into a set, as :func:`add_file`, as a workbook of a kind ('' = as found); one of the same name and
    content that is there already is kept. Nothing stays when it raises.

    A program that lost the answer to its upload sends it again.
    """
    if kind and kind not in workbook_kinds():
        raise no_such_choice()
    made = add_file(actor, prepared, file)
    try:
        same = next((other for other in files_of(actor, prepared) if other.pk < made.pk
                     and (other.name, other.digest) == (made.name, made.digest)), made)  # fmt: skip
        if kind and kind_of(prepared, same) != kind:
            _choose_kind(actor, prepared, same, kind)
    except BaseException:
        uploads.discard(actor, [made.pk], purpose(prepared))
        raise
    if same.pk != made.pk:
        uploads.discard(actor, [made.pk], purpose(prepared))
    return same


def _choose_kind(actor: Actor, prepared: ImportSet, upload: Upload, kind: str) -> None:
    """Keep the kind of one file, and what was said of the others."""
    own = files_of(actor, prepared)
    kinds = {each.pk: kind_of(prepared, each) for each in own} | {upload.pk: kind}
    left_out = frozenset(each.pk for each in own if is_left_out(prepared, each))
    choose(actor, prepared, as_of=prepared.as_of, year=prepared.year, kinds=kinds, left_out=left_out)


def no_such_choice() -> Problem:
    """The refusal of a kind or a year that cannot be chosen."""
    return Problem("bad_choice", "选择的内容不存在，请重新选择。", "There is no such choice. Choose again.")


def remove_file(actor: Actor, prepared: ImportSet, upload_id: int) -> None:
    """Take a file out of a set. One that is not there is gone already."""
    _still(prepared)
    uploads.discard(actor, [upload_id], purpose(prepared))


def choose(
    actor: Actor,
    prepared: ImportSet,
    *,
    as_of: datetime.date | None,
    year: int | None,
    kinds: Mapping[int, str],
    left_out: frozenset[int],
) -> None:
    """Keep what a person said of a set: the day, the year, the kind of a file ('' = as found), files to leave out."""
    _still(prepared)
    known = {"", *workbook_kinds()}
    if not set(kinds.values()) <= known or (year is not None and year not in YEARS):
        raise no_such_choice()
    own = {upload.pk for upload in files_of(actor, prepared)}
    choices = {
        str(each): {"kind": kinds.get(each, ""), "leave_out": each in left_out}
        for each in sorted(own)
        if kinds.get(each) or each in left_out
    }
    prepared.as_of, prepared.year, prepared.choices = as_of, year, choices
    prepared.save(update_fields=["as_of", "year", "choices"])


def _still(prepared: ImportSet) -> None:
    if Import.objects.filter(prepared=prepared).exists():
        raise Problem(
            "already_imported",
            "这批文件已经导入。再次导入请新建一批。",
            "These files were imported already. Begin a new set to import again.",
        )
    if working(prepared):
        raise Problem(
            "at_work", "正在处理这批文件，请等处理结束。", "These files are being worked on. Wait until that has ended."
        )


def working(prepared: ImportSet) -> bool:
    """Whether a job of the set waits or runs."""
    return prepared.job is not None and prepared.job.state in Job.UNFINISHED


def kind_of(prepared: ImportSet, upload: Upload) -> str:
    """The kind that was chosen for a file; '' = as found."""
    return str(prepared.choices.get(str(upload.pk), {}).get("kind", ""))


def is_left_out(prepared: ImportSet, upload: Upload) -> bool:
    """Whether a file is not to be imported."""
    return bool(prepared.choices.get(str(upload.pk), {}).get("leave_out"))


def given(actor: Actor, prepared: ImportSet) -> list[Given]:
    """The files as the importer takes them. Raises Problem when there are none."""
    taken = [upload for upload in files_of(actor, prepared) if not is_left_out(prepared, upload)]
    if not taken:
        raise Problem("no_files", "没有要导入的文件。请先选择文件。", "There is no file to import. Choose files first.")
    return [
        Given(uploads.path_of(actor, upload.pk, purpose(prepared)), upload.name, kind_of(prepared, upload))
        for upload in taken
    ]


# -- steps --------------------------------------------------------------------------------------------------------


def fingerprint(actor: Actor, prepared: ImportSet, step: str) -> str:
    """What a result of this step depends on for this actor, as a digest."""
    parts: list[object] = [
        sorted((upload.pk, upload.digest) for upload in files_of(actor, prepared)),
        sorted((each, choice["kind"]) for each, choice in prepared.choices.items() if choice["kind"]),
        titles_in_force(),
    ]
    if step != ImportSet.Step.INSPECT:
        left_out = sorted(each for each, choice in prepared.choices.items() if choice["leave_out"])
        parts += [left_out, prepared.as_of, prepared.year, database.data_version()]
        # what is left out depends on the grants: a preview is of those alone that it was made with
        parts += [actor.unrestricted, downloads.basis(actor, IMPORT)]
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()


def fresh(actor: Actor, prepared: ImportSet, step: str) -> bool:
    """Whether the result of a step is there and of what the set is now."""
    result = prepared.inspection if step == ImportSet.Step.INSPECT else prepared.preview
    return result is not None and result["fingerprint"] == fingerprint(actor, prepared, step)


def begin(
    actor: Actor, number: int, step: ImportSet.Step, job: tuple[str, dict[str, object]] | None = None
) -> ImportSet:
    """Start a step as a job. Of two clicks one begins it; the other finds it begun. ``job``: another kind of job, with
    its payload, that does the step and goes on.

    Raises Problem when the set is not ready for the step.
    """
    with database.write():
        set_of(actor, number)
        prepared = ImportSet.objects.select_for_update(of=("self",)).select_related("job").get(pk=number)
        if Import.objects.filter(prepared=prepared).exists() or (working(prepared) and prepared.step == step):
            return prepared
        _still(prepared)
        given(actor, prepared)
        if step == ImportSet.Step.IMPORT and not fresh(actor, prepared, ImportSet.Step.PREVIEW):
            raise Problem(
                "preview_first",
                "文件、选择或登记资料在预览之后有变动。请重新预览，再开始导入。",
                "Files, choices or the register have changed since the preview. Preview again before you import.",
            )
        name, payload = job or (JOBS[step], {"number": number})
        prepared.job = jobs.enqueue(actor, name, payload)
        prepared.step = step
        prepared.save(update_fields=["job", "step"])
    return prepared


def purge(now: datetime.datetime | None = None) -> int:
    """Forget what was found in files that have expired; sets that were never imported go altogether."""
    before = (now or timezone.now()) - datetime.timedelta(days=settings.UPLOAD_KEEP_DAYS)
    old = ImportSet.objects.filter(created_at__lt=before)
    held = old.filter(Q(inspection__isnull=False) | Q(preview__isnull=False))
    held.update(inspection=None, preview=None)
    return old.filter(run=None).delete()[0]
