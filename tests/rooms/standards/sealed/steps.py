"""What tests of judging from seals share: a county, seals, and a city elsewhere whose seals lie in a folder."""

from __future__ import annotations

import datetime
import shutil
import time
from typing import TYPE_CHECKING, Any

from county import household, households, person, write
from tuopin.core import snapshot
from tuopin.platform.access import local_admin
from tuopin.platform.models import Marker, Seal
from tuopin.platform.problems import Problem
from tuopin.platform.seals import services as seals
from tuopin.platform.seals.selectors import folder_of, root
from tuopin.standards.models import Evaluation, SealedEvaluation, Verdict
from tuopin.standards.sealed import files, services

if TYPE_CHECKING:
    from pathlib import Path

DAY = datetime.date(2018, 12, 1)


def workbooks(folder: Path) -> None:
    """Four households in two townships, and what was checked of three of them."""
    households(
        folder,
        household("9901"),
        household("9902", person("990201"), person("990202", 是否参加城乡居民基本医疗保险="否"), 工资性收入="20000"),
        household("9903", 脱贫属性="未脱贫", 工资性收入=""),
        household("9904", 镇="西乡", 村="丙村委会", 脱贫属性="注销"),
    )
    checked = [{"户编号": f"990{at}", "户主姓名": "张三", "不愁吃": "是", "不愁穿": "是"} for at in (1, 2, 3)]
    write(folder / "脱贫核查.csv", [row | {"核查日期": "2018-11-20"} for row in checked])


def asked(seal: int, **options: Any) -> services.Asked:
    return services.Asked(seal, **({"standard": "household_exit", "day": DAY} | options))


def rows_of(evaluation: Evaluation) -> list[tuple[int, str, str]]:
    """id, letters, shown of a stored evaluation."""
    return sorted(Verdict.objects.filter(evaluation=evaluation).values_list("subject_id", "letters", "shown"))


def sealed_rows(row: SealedEvaluation) -> list[tuple[int, str, str]]:
    """The same of a result from seals."""
    return sorted((number, letters, shown) for chunk in files.rows(row.digest) for number, _a, letters, shown in chunk)


def seal() -> int:
    """Seal the register; the number."""
    for _ in range(50):
        try:
            return int(seals.seal(local_admin()).number)
        except Problem as problem:  # PostgreSQL gives a lock back a moment after its holder let go of it
            if problem.code != "sealing_under_way":
                raise
            time.sleep(0.1)
    raise AssertionError("somebody else seals all the time")


def sealed_elsewhere(folder: Path, instance: str, times: int = 1) -> Path:
    """Seals of the register as it is, as if another installation had made them: moved away, and forgotten here."""
    own = Marker.objects.filter(name="instance").values_list("text", flat=True).first()
    Marker.objects.update_or_create(name="instance", defaults={"text": instance * 32})
    numbers = [seal() for _ in range(times)]
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        shutil.move(folder_of(number), folder / str(number))
    Seal.objects.filter(number__in=numbers).delete()
    Marker.objects.filter(name="instance").update(text=own or "f" * 32)
    return folder


def file_of(folder: Path, table: str, number: int = 1) -> Path:
    """A file of a table in a folder of seals."""
    found = snapshot.read(folder / str(number))
    return folder / str(number) / found.parts(table)[0].file


def clear_seals() -> None:
    """Nothing lies under the folder of seals: it outlives the database of a test."""
    shutil.rmtree(root(), ignore_errors=True)
    shutil.rmtree(root().parent / "sealed", ignore_errors=True)
    shutil.rmtree(root().parent / "staging" / "seals", ignore_errors=True)
