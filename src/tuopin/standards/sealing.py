"""What standards add to a seal: which pack holds where, and the packs in force by version and digest."""

from typing import Any

from tuopin.core.language.catalogue import Title
from tuopin.core.snapshot import Column
from tuopin.platform.problems import Problem
from tuopin.platform.seals.published import SealedTable

from .models import PackBinding
from .packs import DEFAULT, get_pack

TABLES = (
    SealedTable(
        "standards_pack_binding",
        (
            Column("id", "integer"),
            Column("area_id", "integer"),
            Column("pack", "text"),
            Column("valid_from", "date"),
            Column("valid_to", "date"),
        ),
    ),
)
TITLES = (("standards_pack_binding", Title("各地适用的标准包", "packs by area")),)
_EVALUATED = "re-computed from what is sealed"
_OTHERS = "about seals, of this installation and of others"
_ACTS = "acts of people, kept in the audit log and in the backup"
LEFT_OUT = {
    "standards_evaluation": _EVALUATED,
    "standards_verdict": _EVALUATED,
    "standards_finding": _EVALUATED,
    "standards_area_tally": _EVALUATED,
    "standards_area_figures": _EVALUATED,
    "standards_sealed_evaluation": _EVALUATED,
    "standards_seal_instance": _OTHERS,
    "standards_seen_seal": _OTHERS,
    "standards_finding_waiver": _ACTS,
    "standards_pack_act": _ACTS,
    "standards_procedure": _ACTS,
    "standards_procedure_act": _ACTS,
    "standards_procedure_text": _ACTS,
}


def said() -> dict[str, Any]:
    """The packs that are bound to an area, and the one that holds without: version and digest of their files."""
    keys = {DEFAULT, *PackBinding.objects.values_list("pack", flat=True).distinct()}
    packs = {}
    for key in sorted(keys):
        try:
            pack = get_pack(key)
        except Problem as problem:  # a pack that a city is mending must not hinder the sealing
            packs[key] = {"version": "", "digest": "", "fault": problem.code}
        else:
            packs[key] = {"version": pack.version, "digest": pack.digest}
    return {"packs": packs}
