"""What the offices of the demo city keep beside its register."""

from .demo_payments import fill as payments
from .livelihood.demo import fill as livelihood
from .plans.demo import fill as plans
from .projects.demo import fill as projects
from .worksheets.demo import fill as worksheets

FILLS = (livelihood, plans, worksheets, projects, payments)  # payments last: the comparison reads what stands
