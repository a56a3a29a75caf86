"""The check of the audit chain as a job: begun on the page of the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.auditing import audit
from tuopin.platform.jobs import job

if TYPE_CHECKING:
    from tuopin.platform.jobs import Run


@job("platform.verify_audit", max_attempts=1, title=Title("核对审计链", "Check of the audit chain"))
def verify_audit(_run: Run) -> dict[str, Any]:
    """Check the chain; the result is the report and the way back."""
    audit.chain_pending()
    report = audit.verify()
    zh = f"审计链完好，共 {report.chained} 条" if report.sound else f"审计链不完好：{report.status}"
    en = f"The chain is sound, {report.chained} entries" if report.sound else f"The chain is not sound: {report.status}"
    return {
        **report.document(),
        "sound": report.sound,
        "href": reverse("platform:audit"),
        "title_zh": zh,
        "title_en": en,
    }
