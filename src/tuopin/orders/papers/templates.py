"""Word templates of offices for their papers: versions, each checked by filling it before it is kept."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.core.papers import Kind, Number, OfficialPaper, paragraphs
from tuopin.platform.auditing import audit
from tuopin.platform.database import exclusive, write
from tuopin.platform.documents import word
from tuopin.platform.documents.official import wording
from tuopin.platform.problems import Problem
from tuopin.platform.uploads import shown_name

from ..models import PaperTemplate
from . import numbers

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from tuopin.platform.access import Actor


def sample(name: str, *, letter: bool) -> OfficialPaper:
    """An invented paper with all that one can have, in an organisation's name."""
    return OfficialPaper(
        kind=Kind.REMINDER if letter else Kind.REPLY, issuer=name, title="关于样例事项的函", day=timezone.localdate(),
        body=paragraphs("一、情况\n（一）样例。正文。\n1.第一。\n（1）其一。\n特此函达。"), urgency="加急",
        number=Number("样例", 2018, 1), addressees=("样例单位",), mandate="样例领导小组", signer="李样例",
        attachments=("样例清单", "样例表"), note="联系人：王样例", reported=("样例委员会",), copied=("样例办公室",),
    )  # fmt: skip


def newest(organisation_id: int, *, letter: bool) -> PaperTemplate | None:
    """The version that holds; None, or one without a digest: the product's own."""
    rows = PaperTemplate.objects.filter(organisation_id=organisation_id, letter=letter)
    return rows.order_by("-version").first()


def default(name: str, *, letter: bool) -> bytes:
    """The product's template with room for the name of an organisation, to begin from."""
    return wording.template_for(sample(name, letter=letter))


def hand_in(
    actor: Actor, organisation_id: int, name: str, file: UploadedFile[bytes] | None, *, letter: bool
) -> PaperTemplate:
    """Take a template in as an organisation's next version, once it was checked and filled; None goes back to ours.
    Must not run inside a transaction. Raises Missing, Problem that names every fault."""
    numbers.reachable(actor, organisation_id)
    held = b""
    if file is not None:
        held = file.read(word.LARGEST + 1)
        wording.paper_docx(sample(name, letter=letter), held)
    digest = hashlib.sha256(held).hexdigest() if held else ""
    with exclusive("orders-templates"), write():
        last = newest(organisation_id, letter=letter)
        if (last.digest if last is not None else "") == digest:
            raise Problem("same_template", "这个模板和正在用的一样。", "This is the template in use.")
        row = PaperTemplate.objects.create(
            organisation_id=organisation_id, letter=letter, version=(last.version if last else 0) + 1, digest=digest,
            name=shown_name(file.name or "")[:120] if file is not None else "", content=held, at=timezone.now(),
            actor=actor.name or actor.os_user, user_id=actor.user_id,
        )  # fmt: skip
        detail: dict[str, object] = {"organisation": organisation_id, "letter": letter, "version": row.version}
        audit.record(actor, "orders.keep_paper_template", f"paper_template:{row.pk}", detail, digest)
    return row
