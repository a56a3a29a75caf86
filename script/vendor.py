"""Copies the pages' third-party files from node_modules to the static folder and writes their manifest.

Run by script/setup after ``npm ci``. The folder is rebuilt whole, so that a file dropped from the table goes. A comment
that names a source map is cut off: the maps are not shipped, and a static storage that follows references would stop
at it. The manifest gives, for each file, package, version, licence and the SHA-256 of the bytes as served. Beside each
file lies the same compressed (.gz), which the server sends to browsers that take it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "src/tuopin/platform/static/vendor"

FILES = {
    "@tabler/core": ("dist/css/tabler.min.css", "dist/js/tabler.min.js"),
    "echarts": ("dist/echarts.min.js",),
    "htmx.org": ("dist/htmx.min.js",),
}

SOURCE_MAP = re.compile(rb"\s*(?:/\*# sourceMappingURL=\S+ \*/|//# sourceMappingURL=\S+)\s*\Z")


def copy(package: str, name: str, into: Path) -> dict[str, str]:
    """Copies one file of a package and returns its row of the manifest."""
    about = json.loads((MODULES / package / "package.json").read_text("utf-8"))
    content = SOURCE_MAP.sub(b"\n", (MODULES / package / name).read_bytes())
    target = into / Path(name).name
    target.write_bytes(content)
    target.with_name(f"{target.name}.gz").write_bytes(gzip.compress(content, 9, mtime=0))
    return {
        "file": target.name,
        "package": package,
        "version": about["version"],
        "licence": about["license"],
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def main() -> int:
    """Rebuilds the vendor folder beside the old one and swaps them."""
    fresh = VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    rows = [copy(package, name, fresh) for package, names in FILES.items() for name in names]
    (fresh / "manifest.json").write_text(json.dumps(rows, indent=2) + "\n", "utf-8")
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)
    return 0


if __name__ == "__main__":
    sys.exit(main())
