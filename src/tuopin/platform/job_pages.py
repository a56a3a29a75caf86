"""The pages of one's own jobs and files: how far they are, what came of them, fetching what was made."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from tuopin.core.language.catalogue import Title
from tuopin.platform import downloads, jobs
from tuopin.platform.access import actor_of
from tuopin.platform.auditing import readlog
from tuopin.platform.models import Job

PAGE = 50
STATES = {
    Job.State.QUEUED: Title("排队中", "waiting"),
    Job.State.RUNNING: Title("进行中", "running"),
    Job.State.DONE: Title("已完成", "done"),
    Job.State.FAILED: Title("失败", "failed"),
}
FAULT = Title("程序内部错误。", "Internal error.")


@require_GET
def job_list(request: HttpRequest) -> HttpResponse:
    """One's own jobs, the newest first, and the files that can still be fetched."""
    actor = actor_of(request)
    found = jobs.own(actor)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 18:
        found = found.filter(pk__lt=int(before))
    rows = list(found[: PAGE + 1])
    context = {
        "jobs": [shown(row) for row in rows[:PAGE]],
        "older": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "files": list(downloads.of_owner(actor)[:PAGE]),
    }
    return _private(render(request, "platform/jobs/list.html", context))


@require_GET
def job(request: HttpRequest, job_id: int) -> HttpResponse:
    """One job. Asked by htmx, only the part that changes; while it goes on the page asks again by itself."""
    row = jobs.of_user(actor_of(request), job_id)
    if row is None:
        raise jobs.no_such_job()
    template = "platform/jobs/progress.html" if request.headers.get("HX-Request") else "platform/jobs/job.html"
    return _private(render(request, template, {"job": shown(row)}))


@require_POST
def job_again(request: HttpRequest, job_id: int) -> HttpResponse:
    """Begin a failed job anew."""
    return redirect("platform:job", jobs.again(actor_of(request), job_id).pk)


@require_GET
def download(request: HttpRequest, download_id: int) -> HttpResponse | FileResponse:
    """A file of one's own, as an attachment that nobody keeps on the way."""
    actor = actor_of(request)
    row, path = downloads.fetch(actor, download_id)
    file = path.open("rb")
    readlog.read(actor, "platform.download", {"download": row.pk, "of": row.what}, row.count, row.digest)
    answer = FileResponse(file, as_attachment=True, filename=row.name, content_type=row.content_type)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "no-store, private"
    return answer


def shown(row: Job) -> dict[str, Any]:
    """A job as its page shows it: title, state in words, share done in percent (None = cannot be said), result."""
    try:
        title = jobs.kind(row.kind).title
    except KeyError:  # of an older version of the product
        title = Title(row.kind, row.kind)
    result = row.result or {}
    href = str(result.get("href", ""))
    total = row.progress_total
    return {
        "row": row,
        "title": title,
        "state": STATES[Job.State(row.state)],
        "going_on": row.state in Job.UNFINISHED,
        "percent": min(100, row.progress_done * 100 // total) if total else None,
        # only a place on this site
        "href": href if href.startswith("/") and url_has_allowed_host_and_scheme(href, allowed_hosts=None) else "",
        "result": Title(str(result.get("title_zh", "查看结果")), str(result.get("title_en", "See the result"))),
        "error": _error(row),
        "later": row.run_after if row.state == Job.State.QUEUED and row.run_after > timezone.now() else None,
    }


def _error(row: Job) -> Title | None:
    if not row.error or row.state == Job.State.DONE:
        return None
    return Title(str(row.error.get("zh", FAULT.zh)), str(row.error.get("en", FAULT.en)))


def _private(answer: HttpResponse) -> HttpResponse:
    answer.headers["Cache-Control"] = "no-store, private"
    return answer
