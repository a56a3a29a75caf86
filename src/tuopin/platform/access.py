"""Who acts, and what that person may do where. Fetching and authorising are one call: selectors ask here."""

from __future__ import annotations

import getpass
import os
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast

from django.db.models import Q
from django.utils import timezone

from tuopin.platform import roles, scopes
from tuopin.platform.problems import Refused

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from django.http import HttpRequest

    from tuopin.platform.models import Grant, User

SENSITIVE = frozenset({"health", "disability", "bank", "child"})
"""Classes of fields that no area opens by itself."""
PATH_DIGITS = 8  # of one level in a materialised path of areas


@dataclass(frozen=True, slots=True)
class Limits:
    """What a token of the API leaves of its owner's rights: some of the grants, some of the permissions."""

    token_id: int
    grants: frozenset[int]
    permissions: frozenset[str]

    def document(self) -> dict[str, Any]:
        """As it stands with a job that the token began."""
        return {"token": self.token_id, "grants": sorted(self.grants), "permissions": sorted(self.permissions)}

    @classmethod
    def read(cls, document: dict[str, Any] | None) -> Limits | None:
        if document is None:
            return None
        return cls(document["token"], frozenset(document["grants"]), frozenset(document["permissions"]))


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: a signed-in user, the local administrator at the command line, or the system itself.

    ``limits`` narrows a user who comes by a token; every question about grants goes through :func:`grants_of`.
    """

    kind: Literal["user", "local", "system"]
    user_id: int | None = None
    name: str = ""
    os_user: str = ""
    limits: Limits | None = None

    @property
    def unrestricted(self) -> bool:
        """The local administrator can read the database file anyway; the system acts for nobody."""
        return self.kind in {"local", "system"}


def local_admin() -> Actor:
    """The built-in administrator as whom the command line acts, with the name of the operating system's user."""
    return Actor("local", None, "local administrator", _os_user())


def _os_user() -> str:
    """Whose process it is, as the system says: LOGNAME and the like are what anybody writes, and approvals by a second
    person rest on this name."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):  # no such entry, as in some containers; Windows
        pass
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def system() -> Actor:
    """The product itself: timed work that no person started."""
    return Actor("system", None, "system")


def actor_for(user: User) -> Actor:
    """The actor of an account."""
    return Actor("user", user.pk, user.username)


def actor_of(request: HttpRequest) -> Actor:
    """The actor who asks for a page; ``SignedInMiddleware`` lets nobody else in."""
    return actor_for(cast("User", request.user))


@dataclass(slots=True)
class _Read:
    """Grants and paths as one page read them: every panel of a page asks again."""

    grants: dict[int, list[Grant]] = field(default_factory=dict)
    paths: dict[frozenset[int], Mapping[int, str]] = field(default_factory=dict)
    memo: dict[str, Any] = field(default_factory=dict)


_read: ContextVar[_Read | None] = ContextVar("grants of one page", default=None)


@contextmanager
def one_page() -> Iterator[None]:
    """Read grants once while a page is made. Only for requests that change nothing: a new grant would not be seen.
    Inside a page it is that page."""
    if _read.get() is not None:
        yield
        return
    token = _read.set(_Read())
    try:
        yield
    finally:
        _read.reset(token)


def page_memo() -> dict[str, Any]:
    """What a room keeps while one page is made, by names of its own; outside of a page nothing is kept."""
    read = _read.get()
    return {} if read is None else read.memo


def _in_force(user_id: int) -> list[Grant]:
    from tuopin.platform.models import Grant

    read = _read.get()
    if read is not None and user_id in read.grants:
        return read.grants[user_id]
    today = timezone.localdate()
    held = Grant.objects.filter(user_id=user_id, user__is_active=True, valid_from__lte=today)
    found = list(held.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=today)).order_by("pk"))
    if read is not None:
        read.grants[user_id] = found
    return found


def _paths(ids: Collection[int]) -> Mapping[int, str]:
    read, key = _read.get(), frozenset(ids)
    if read is None:
        return scopes.area_paths(key)
    if key not in read.paths:
        read.paths[key] = scopes.area_paths(key)
    return read.paths[key]


def grants_of(actor: Actor, permission: str = "") -> list[Grant]:
    """The grants of an actor in force today, narrowed to roles that hold ``permission`` if one is named."""
    if actor.user_id is None:
        return []
    held = _in_force(actor.user_id)
    if actor.limits is not None:
        if permission and permission not in actor.limits.permissions:
            return []
        held = [grant for grant in held if grant.pk in actor.limits.grants]
    return [grant for grant in held if not permission or roles.allows(grant.role, permission)]


def visible_paths(actor: Actor, permission: str, classes: frozenset[str] = frozenset()) -> list[tuple[str, str]] | None:
    """Where the actor may do ``permission``: ``None`` = everywhere, else half-open ranges ``[lo, hi)`` of area paths.

    Ranges are sorted and do not overlap; an empty list means nowhere (single households: :func:`visible_ids`).
    ``classes`` narrows them to where one grant opens all these classes of fields too.
    """
    if actor.unrestricted:
        return None
    grants = _opening(grants_of(actor, permission), classes)
    if any(grant.scope_kind == "all" for grant in grants):
        return None
    ids = {grant.scope_id for grant in grants if grant.scope_kind == "area" and grant.scope_id is not None}
    return _merged(_paths(ids).values())


def visible_ids(actor: Actor, permission: str, kind: str, classes: frozenset[str] = frozenset()) -> frozenset[int]:
    """Single things (``household``, ``organisation``, ``sealed_list``) granted by id, beside the ranges of areas."""
    if actor.unrestricted:
        return frozenset()
    return frozenset(
        grant.scope_id
        for grant in _opening(grants_of(actor, permission), classes)
        if grant.scope_kind == kind and grant.scope_id is not None
    )


def _opening(grants: list[Grant], classes: frozenset[str]) -> list[Grant]:
    """Those of the grants that open all the classes by themselves."""
    return [grant for grant in grants if classes <= _classes([grant])] if classes else grants


def field_classes(actor: Actor, permission: str) -> frozenset[str] | None:
    """Classes of fields the actor may see under ``permission`` by any grant; ``None`` = all.

    Use :func:`field_classes_at` for one area: a class opened over one township says nothing about the next.
    """
    if actor.unrestricted:
        return None
    return _classes(grants_of(actor, permission))


def field_classes_at(
    actor: Actor, permission: str, area_path: str, household_id: int | None = None
) -> frozenset[str] | None:
    """Classes of fields open for a subject at ``area_path`` (and of that household); ``None`` = all."""
    if actor.unrestricted:
        return None
    return _classes(_covering(grants_of(actor, permission), area_path, household_id))


def may(actor: Actor, permission: str, *, area_path: str | None = None, household_id: int | None = None) -> bool:
    """Whether the actor may. Without a place: whether anywhere at all."""
    if actor.unrestricted:
        return True
    grants = grants_of(actor, permission)
    if area_path is None and household_id is None:
        return bool(grants)
    return bool(_covering(grants, area_path or "", household_id))


def require(actor: Actor, permission: str, *, area_path: str | None = None, household_id: int | None = None) -> None:
    """Raise Refused unless the actor may."""
    if not may(actor, permission, area_path=area_path, household_id=household_id):
        raise Refused(
            "refused",
            "您没有这项操作的权限。如需要，请联系管理员授权。",
            "You have no permission for this. Ask an administrator for a grant if you need it.",
            permission=permission,
        )


def require_everywhere(actor: Actor, permission: str) -> None:
    """Raise Refused unless the actor may, and over everything: what concerns the machine concerns every area."""
    if visible_paths(actor, permission) is not None:
        require(Actor("user", None), permission)


def grants_over(actor: Actor, permission: str, area_path: str | None) -> list[Grant]:
    """The grants by which the actor holds ``permission`` over a place; None as place = over everything."""
    held = grants_of(actor, permission)
    if area_path is None:
        return [grant for grant in held if grant.scope_kind == "all"]
    return _covering(held, area_path, None)


def subtree(path: str) -> tuple[str, str]:
    """The half-open range of paths of an area and everything below it."""
    head, last = path[:-PATH_DIGITS], path[-PATH_DIGITS:]
    return path, f"{head}{int(last) + 1:0{PATH_DIGITS}d}"


def _merged(paths: Iterable[str]) -> list[tuple[str, str]]:
    ranges: list[tuple[str, str]] = []
    for path in sorted(set(paths)):
        if not ranges or path >= ranges[-1][1]:
            ranges.append(subtree(path))
    return ranges


def _covering(grants: list[Grant], area_path: str, household_id: int | None) -> list[Grant]:
    ids = {grant.scope_id for grant in grants if grant.scope_kind == "area" and grant.scope_id is not None}
    paths = _paths(ids) if area_path else {}

    def covers(grant: Grant) -> bool:
        if grant.scope_kind == "all":
            return True
        if grant.scope_kind == "household":
            return household_id is not None and grant.scope_id == household_id
        path = paths.get(grant.scope_id or 0) if grant.scope_kind == "area" else None
        return path is not None and subtree(path)[0] <= area_path < subtree(path)[1]

    return [grant for grant in grants if covers(grant)]


def _classes(grants: list[Grant]) -> frozenset[str]:
    """What the roles open, and what each grant opens beyond. A place alone never opens the sensitive classes: over an
    area, or everything, they need to stand in the grant itself; over one household the role's own count."""
    opened: set[str] = set()
    for grant in grants:
        own = set(roles.field_classes(grant.role))
        opened |= own if grant.scope_kind == "household" else own - SENSITIVE
        opened |= set(grant.field_classes)
    return frozenset(opened)
