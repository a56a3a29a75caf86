"""Papers that a county's clerk leaves behind: one issued with a file and a receipt, one draft; all bear the mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tuopin.orders.models import Matter
from tuopin.orders.papers import issuing, numbers, selectors, services, templates
from tuopin.orders.papers.content import Written
from tuopin.platform import evidence
from tuopin.platform.access import actor_for

if TYPE_CHECKING:
    from tuopin.platform.models import User


def papers(user: User, mark: str) -> None:
    """About the newest matter that the clerk's county issued and holds."""
    actor, now = actor_for(user), timezone.now()
    matter = Matter.objects.filter(title__startswith=mark, holder__isnull=False).exclude(issuer=None).latest("pk")
    assert matter.issuer_id is not None
    assert matter.holder_id is not None
    words = Written(f"{mark}指令", f"{mark}要求", mandate=f"{mark}领导小组", also_copied=(f"{mark}办",))
    draft = services.Draft(matter.pk, "directive", matter.issuer_id, words, ((matter.holder_id, "to"),))
    services.write(actor, draft, now)
    row = services.write(actor, draft, now)
    kept = evidence.keep(SimpleUploadedFile(f"{mark}清单.pdf", b"%PDF-1.4"))
    row = services.attach(actor, row.pk, kept, f"{mark}清单", row.version)
    word = numbers.add_word(actor, matter.issuer_id, f"{mark}办")
    issuing.issue(actor, {row.pk: row.version}, word.pk, timezone.localdate(now), now)
    issuing.receive(actor, [selectors.recipients_of([row.pk])[0].pk], now, f"{mark}备注")
    name = selectors.names_of([matter.issuer_id])[matter.issuer_id]
    own = SimpleUploadedFile(f"{mark}模板.docx", templates.default(name, letter=False))
    templates.hand_in(actor, matter.issuer_id, name, own, letter=False)
