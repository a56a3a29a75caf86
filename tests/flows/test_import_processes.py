"""Imports as separate processes: two at once, and one that is killed in the middle."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import migrated
from installation import installation

COUNTY = str(Path(__file__).resolve().parents[1] / "data" / "ningling-2018")
COUNT = (
    "from tuopin.register.models import *\n"
    "print(Household.objects.count(), Membership.objects.count(), Import.objects.count())"
)


def test_two_imports_of_one_set_at_once_take_it_once(tmp_path: Path) -> None:
    with installation(tmp_path / "home", like=migrated.made()) as place:
        place.run("issues", "--json")
        both = [place.start("import", COUNTY, "--json") for _ in range(2)]
        outputs = [process.communicate(timeout=300) for process in both]
        assert [process.returncode for process in both] == [0, 0], outputs
        assert place.run(code=COUNT).split() == ["2384", "8029", "2"]
        place.run("audit", "verify")


def test_an_import_killed_at_any_moment_leaves_nothing_half_done_and_can_start_again(tmp_path: Path) -> None:
    with installation(tmp_path / "home", like=migrated.made()) as place:
        place.run("issues", "--json")
        for pause in (1.0, 2.5, 3.5, 4.5):
            process = place.start("import", COUNTY, "--json")
            time.sleep(pause)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            households, members, imports = place.run(code=COUNT).split()
            assert (households, members, imports) in {("0", "0", "0"), ("2384", "8029", imports)}, pause
        document = place.document("import", COUNTY)
        assert document["households_imported"] == 2384
        assert place.run(code=COUNT).split()[:2] == ["2384", "8029"]
        left = [folder.name for folder in (place.home / "staging").iterdir()]
        assert left == [], "what the killed processes left is swept"
        place.run("audit", "verify")
