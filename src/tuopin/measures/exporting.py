"""Writing the lists of measures back into workbooks, see ``register/exporting.py``."""

from .livelihood import exporting as livelihood
from .projects import exporting as projects

EXPORTS = {**livelihood.EXPORTS, **projects.EXPORTS}
