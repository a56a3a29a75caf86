"""The process that makes one document: ``python -m tuopin.platform.documents.child``, started by ``pdf``.

One JSON request comes on standard input; the answer is one JSON line: ``{"pages": n}`` (0 for a PDF) or
``{"error": text}``. The document lies then at the path that the request named, of pictures one file a page.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def make(request: dict[str, Any]) -> dict[str, Any]:
    """Write the document. No system font, no package from outside, no file outside of the product's own folder."""
    import typst

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[Path(request["fonts"])])
    root = Path(request["root"])
    nowhere = root / "no-packages"
    compiler = typst.Compiler(
        root / request["template"], root=root, font_paths=fonts, ignore_system_fonts=True,
        sys_inputs={"data": request["data"]}, package_path=nowhere, package_cache_path=nowhere,
    )  # fmt: skip
    target = Path(request["target"])
    if request["form"] == "png":
        found = compiler.compile(format="png", ppi=request["ppi"], timestamp=request["made"])
        pages = found if isinstance(found, list) else [found]
        for number, page in enumerate(pages, start=1):
            target.with_name(f"{target.name}-{number}.png").write_bytes(page or b"")
        return {"pages": len(pages)}
    # PDF/UA-1: tagged, with language and title, every picture with words, no character without a picture
    content = compiler.compile(format="pdf", timestamp=request["made"], pdf_standards=["ua-1"], pdf_tags=True)
    target.write_bytes(content if isinstance(content, bytes) else b"")
    return {"pages": 0}


def main() -> None:
    request = json.loads(sys.stdin.readline())
    from tuopin.core.workbook.child import limit_process, say

    limit_process(request["memory"], request["seconds"])
    try:
        say(make(request))
    except MemoryError:
        say({"error": "memory"})
    except (RuntimeError, OSError) as error:  # typst's own errors are RuntimeErrors
        say({"error": f"{type(error).__name__}: {error}"[:500]})


if __name__ == "__main__":
    main()
