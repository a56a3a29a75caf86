"""What may be done with the cycle."""

from tuopin.core.language.catalogue import Title
from tuopin.platform.permissions import Permission

OPEN = "cycle.open_matters"

PERMISSIONS = (
    Permission(OPEN, Title("选择由核查结果立案的标准并立案", "choose which findings open matters, and open them")),
)
