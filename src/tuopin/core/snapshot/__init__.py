"""The format of a seal: tables as Parquet by county, a manifest that names every file, and the chain of manifests.

A seal is one folder. ``facts/<county>/<table>.parquet`` hold what is judged, without anybody's name or number;
``manifest.json`` is written last and names each of these files with rows, bytes, SHA-256 and columns, and the digest of
the manifest before. ``identities/`` is no part of the proof: it may be shortened or be gone (docs/operate/seals.md).

Pure: no database, no clock. Who signs and what is sealed is for the caller to say.
"""

from .checking import Fault, Report, verify
from .model import (
    FACTS,
    FORMAT,
    IDENTITIES,
    MANIFEST,
    NOWHERE,
    TYPES,
    Column,
    Manifest,
    Part,
    SealFault,
    canonical,
    folder_name,
    lacking,
    parse,
    read,
    schema,
)
from .writing import Writer, clear_leftovers, numbers, runs

__all__ = [
    "FACTS",
    "FORMAT",
    "IDENTITIES",
    "MANIFEST",
    "NOWHERE",
    "TYPES",
    "Column",
    "Fault",
    "Manifest",
    "Part",
    "Report",
    "SealFault",
    "Writer",
    "canonical",
    "clear_leftovers",
    "folder_name",
    "lacking",
    "numbers",
    "parse",
    "read",
    "runs",
    "schema",
    "verify",
]
