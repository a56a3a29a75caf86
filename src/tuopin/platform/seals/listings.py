"""The list of seals."""

from __future__ import annotations

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.auditing import words as log_words
from tuopin.platform.lists import ChoiceFilter, Column, Listing
from tuopin.platform.lists.unplaced import reader_of
from tuopin.platform.seals import selectors, words

_NONE = Title("—", "—")

SEALS = Listing(
    key="platform.seals",
    title=Title("封存", "Seals"),
    noun=Title("份封存", "seals"),
    rows=lambda reader: selectors.seals(reader.actor),
    may_open=lambda reader: selectors.require_whole(reader.actor, selectors.VIEW),
    address=lambda _reader: reverse("platform:seals"),
    reader=reader_of,
    order=("number",),
    order_title=Title("编号", "number"),
    descending=True,
    first="number",
    log=False,
    empty=Title("还没有封存。", "There is no seal yet."),
    columns=(
        Column("number", Title("编号", "Number"), "code", field="number",
               href=lambda row: reverse("platform:seal", args=[row["number"]])),
        Column("sealed_at", Title("封存时间", "Sealed"), "date", field="sealed_at"),
        Column("state", Title("核对", "Check"), "choice", field="state", choices=words.STATES),
        Column("verified_at", Title("核对时间", "Checked"), "date", field="verified_at", blank=_NONE),
        Column("actor", Title("封存人", "By"), field="actor", pick=log_words.actor),
        Column("data_version", Title("数据版本", "Data version"), "amount", field="data_version"),
        Column("rows", Title("行数", "Rows"), "amount", field="rows"),
        Column("bytes", Title("字节", "Bytes"), "amount", field="bytes", optional=True),
        Column("digest", Title("清单指纹", "Digest of the manifest"), "code", field="digest", optional=True),
    ),
    filters=(
        ChoiceFilter("state", Title("核对", "Check"), choices=tuple(words.STATES.items()),
                     narrow=lambda rows, _reader, value: rows.filter(state__in=value)),
    ),
)  # fmt: skip

LISTINGS = (SEALS,)
