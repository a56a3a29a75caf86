"""Changes of the register that are no imports. Each takes a set, checks the grants and writes one audit entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuopin.platform.access import require
from tuopin.platform.problems import Missing

from .correcting.fields import field_named
from .correcting.services import Change, Why, correct
from .correcting.subjects import listed_texts
from .models import Household
from .models.blocks import Source
from .permissions import CORRECT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from tuopin.platform.access import Actor

    from .correcting.fields import Value


@dataclass(frozen=True, slots=True)
class Correction:
    """A value that replaces what the newest version of a household's fact says. ``value`` is in the encoding of the
    catalogue (fen, scaled integers, codes); None says that the value is not known after all."""

    household: str
    fact: str
    value: Value


def correct_households(
    actor: Actor, corrections: Sequence[Correction], *, as_of: date, source: Source = Source.BY_HAND, reason: str = ""
) -> int:
    """Record corrections of households' facts as new versions dated ``as_of``; returns the number of values written.

    :func:`tuopin.register.correcting.services.correct` for who knows households by their codes: see there.
    """
    require(actor, CORRECT)
    for item in corrections:
        field_named(item.fact)
    codes = {item.household for item in corrections}
    ids = dict(Household.objects.filter(code__in=listed_texts(codes)).values_list("code", "pk"))
    for code in sorted(codes - set(ids)):
        raise Missing("no_such_household", f"没有找到户编号 {code}。", f"There is no household {code}.", household=code)
    changes = [Change("household", ids[item.household], item.fact, item.value) for item in corrections]
    return correct(actor, changes, Why(as_of, source, reason)).written
