"""The process that fills one Word template: ``python -m tuopin.platform.documents.word_child``, started by ``word``.

One JSON request comes on standard input; the answer is one JSON line: ``{}``, ``{"fault": key}`` for a file that is not
taken, or ``{"unknown": […], "forbidden": […]}`` for what a template must not hold.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def fill(request: dict[str, Any]) -> dict[str, Any]:
    """Look at the file, read its placeholders, write the filled document to the target."""
    from .packages import fault_of

    path = Path(request["path"])
    if fault := fault_of(path):
        return {"fault": fault}
    from docxtpl import DocxTemplate

    from .strict import NotAllowed, Strict

    template = DocxTemplate(path)
    try:
        template.render(request["data"], jinja_env=Strict(request["fields"]), autoescape=True)
    except NotAllowed as error:
        return {"unknown": error.unknown[:30], "forbidden": error.forbidden[:30]}
    template.save(Path(request["target"]))
    return {}


def main() -> None:
    request = json.loads(sys.stdin.readline())
    from tuopin.core.workbook.child import limit_process, say

    limit_process(request["memory"], request["seconds"])
    try:
        say(fill(request))
    except MemoryError:
        say({"fault": "too_large"})
    except Exception as error:  # noqa: BLE001 - whatever a broken file makes the reader do is the file's fault
        say({"fault": "no_docx", "kind": type(error).__name__})


if __name__ == "__main__":
    main()
