"""Levels of areas and arithmetic of materialised paths.

A path is the ids from the top down, eight digits each, without separators: digits sort alike under every collation,
so a subtree is the half-open range ``[path, after(path))`` on a plain index of SQLite and PostgreSQL alike.
"""

LEVELS = ("nation", "province", "city", "county", "township", "village", "group")
WIDTH = 8

EVER = "1900-01-01"
"""First day of an area version whose beginning is not known: areas are older than the installation."""


def segment(area_id: int) -> str:
    """The path segment of an id. Raises ValueError beyond 99,999,999 areas."""
    text = f"{area_id:0{WIDTH}d}"
    if len(text) > WIDTH:
        raise ValueError(f"area id {area_id} does not fit into a path")
    return text


def after(path: str) -> str:
    """The first path that sorts behind the whole subtree of ``path``."""
    head, last = path[:-WIDTH], path[-WIDTH:]
    following = int(last) + 1
    # the id 99,999,999 has no successor of the same width; ':' sorts behind '9' in C collation only, so refuse
    return head + segment(following)


def ids(path: str) -> list[int]:
    """Area ids from the top down to the area itself."""
    return [int(path[at : at + WIDTH]) for at in range(0, len(path), WIDTH)]
