"""Work of duties that outlives a request: accounts for helpers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.jobs import job

from .cards import printing
from .cards.views import PRINT
from .helpers import accounts as helper_accounts
from .planning import services as planning
from .planning.asking import asked as read_asked
from .planning.views import JOB as PLAN

if TYPE_CHECKING:
    from tuopin.platform.jobs import Run

    from .cards.printing import Only

MAKE = "duties.make_accounts"


@job(MAKE, title=Title("为帮扶责任人建账号", "Accounts for helpers"))
def make_accounts(run: Run, area: str = "", again: bool = False) -> dict[str, Any]:
    """Make the missing accounts of an area; with ``again`` new first passwords for those who never signed in.

    Begun anew after a crash it makes what is still missing; the slips of what was made wait already.
    """
    act = helper_accounts.new_passwords if again else helper_accounts.make
    made = act(run.actor, area, lambda done, total: run.progress(done, total))
    return {
        **helper_accounts.document(made),
        "href": reverse("duties:helper_accounts"),
        "title_zh": f"密码条 {made.made} 张，待打印",
        "title_en": f"{made.made} slips to print",
    }


@job(PRINT, title=Title("打印明白卡", "Printing cards"), max_attempts=2)
def print_cards(run: Run, area: str, copies: str, only: Only, one: str = "") -> dict[str, Any]:
    """Make the PDF of an area's cards. Begun anew after a crash it makes new codes: what was not fetched is dead."""
    made = printing.print_cards(
        run.actor, area, copies, only, one=one, progress=lambda done, total: run.progress(done, total)
    )
    if made is None:
        return {
            "href": f"{reverse('duties:cards')}?area={area}",
            "title_zh": "没有需要打印的明白卡",
            "title_en": "No card is due",
        }
    return {
        "href": reverse("platform:download", args=[made.pk]),
        "title_zh": f"明白卡 {made.count} 户，请在 24 小时内下载打印",
        "title_en": f"Cards of {made.count} households: fetch the file within 24 hours",
    }


@job(PLAN, title=Title("批量指派：计算方案", "A plan of assignments"), max_attempts=1)
def make_assignment_plan(run: Run, asked: dict[str, Any]) -> dict[str, Any]:
    """Work out a plan; a draft, so that nothing is undone where it breaks off."""
    run.progress(0, 0)
    made = planning.make(run.actor, read_asked(asked))
    return {
        "plan": made.pk,
        "href": reverse("duties:plan", args=[made.pk]),
        "title_zh": f"查看方案（{made.households:,} 户）",
        "title_en": f"See the plan ({made.households:,} households)",
    }
