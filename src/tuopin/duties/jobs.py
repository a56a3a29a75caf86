"""Work of duties that outlives a request: accounts for helpers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.jobs import job

from . import helper_accounts

if TYPE_CHECKING:
    from tuopin.platform.jobs import Run

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
