"""Lists of an area: officials with a post, a duty or a place there, and organisations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, OuterRef
from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.lists import ChoiceFilter, Column, FlagFilter, Listing, TextFilter
from tuopin.register.listings import may_open, reader_of
from tuopin.register.models import AreaVersion
from tuopin.register.selectors import on_day

from . import kinds
from .models import Absence, Assignment, Post, Term
from .organisations.selectors import organisations
from .permissions import VIEW_OFFICIAL
from .selectors import duties_in, officials, organisation_names, ranges_at, titles_on

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.lists import Reader, Row


def _keys(rows: Sequence[Row]) -> list[int]:
    return [row["pk"] for row in rows]


def _posts(reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    return {key: " · ".join(filter(None, named)) for key, named in titles_on(_keys(rows), reader.day).items()}


def _live(reader: Reader) -> QuerySet[Assignment]:
    """The duties of a day that the reader may know of."""
    return Assignment.objects.filter(
        duties_in(ranges_at(reader.actor, VIEW_OFFICIAL, reader.place)), on_day(reader.day)
    )


def _duties(reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    found = _live(reader).filter(official_id__in=_keys(rows)).values("official_id").annotate(n=Count("pk"))
    counts = {row["official_id"]: row["n"] for row in found}
    return {key: counts.get(key, 0) for key in _keys(rows)}


def _roles(reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    found: dict[int, set[str]] = {}
    for key, role in _live(reader).filter(official_id__in=_keys(rows)).values_list("official_id", "role").distinct():
        found.setdefault(key, set()).add(role)
    order = list(kinds.roles())
    return {key: ",".join(sorted(held, key=order.index)) for key, held in found.items()}


def _by_role(rows: QuerySet[Any], reader: Reader, value: tuple[str, ...]) -> QuerySet[Any]:
    return rows.filter(Exists(_live(reader).filter(official=OuterRef("pk"), role__in=value)))


def _with_duty(rows: QuerySet[Any], reader: Reader, value: bool) -> QuerySet[Any]:
    live = Exists(_live(reader).filter(official=OuterRef("pk")))
    return rows.filter(live if value else ~live)


def _with_post(rows: QuerySet[Any], reader: Reader, value: bool) -> QuerySet[Any]:
    held = Exists(Term.objects.filter(on_day(reader.day), official=OuterRef("pk")))
    return rows.filter(held if value else ~held)


def _released(rows: QuerySet[Any], reader: Reader, value: bool) -> QuerySet[Any]:
    away = Exists(Absence.objects.filter(on_day(reader.day), official=OuterRef("pk"), kind=Absence.Kind.RELEASED))
    return rows.filter(away if value else ~away)


ROLE_TITLES = {key: role.title for key, role in kinds.roles().items()}

OFFICIALS = Listing(
    key="duties.officials",
    title=Title("干部", "Officials"),
    noun=Title("名干部", "officials"),
    rows=lambda reader: officials(reader.actor, place=reader.place),
    reader=reader_of(VIEW_OFFICIAL),
    may_open=may_open(VIEW_OFFICIAL),
    address=lambda _reader: reverse("duties:officials"),
    order=("name", "pk"),
    order_title=Title("姓名", "name"),
    first="name",
    empty=Title(
        "还没有干部。导入帮扶责任人名单，或在“指定责任人”时登记。",
        "No officials yet: import the helpers' workbook, or take somebody in where duties are assigned.",
    ),
    columns=(
        Column("name", Title("姓名", "Name"), field="name", sort=("name", "pk"),
               href=lambda row: reverse("duties:official", args=[row["pk"]])),
        Column("unit", Title("单位", "Unit"), field="unit"),
        Column("post", Title("职务", "Post"), load=_posts, blank=Title("无职务记录", "no post on record")),
        Column("roles", Title("责任角色", "Roles"), "choice", load=_roles, choices=ROLE_TITLES,
               blank=Title("无", "none")),
        Column("duties", Title("在任责任", "Duties"), "amount", load=_duties, unit=Title("项", "duties")),
        Column("phone", Title("联系电话", "Telephone"), "code", "phone"),
        Column("politics", Title("政治面貌", "Politics"), field="politics", optional=True),
    ),
    filters=(
        ChoiceFilter("role", Title("责任角色", "Role"), narrow=_by_role, choices=tuple(ROLE_TITLES.items())),
        FlagFilter("duty", Title("在任责任", "Duties"), narrow=_with_duty, yes=Title("有", "has some"),
                   no=Title("无（可指派）", "has none (can be assigned)")),
        FlagFilter("post", Title("职务", "Post"), narrow=_with_post, more=True),
        FlagFilter("released", Title("脱产", "Released from office"), narrow=_released, more=True),
    ),
)  # fmt: skip


# -- organisations ------------------------------------------------------------------------------------------------


def _organisations(reader: Reader) -> QuerySet[Any]:
    return organisations(reader.actor, place=reader.place).filter(valid_to=None)


def _ids(rows: Sequence[Row]) -> dict[Any, int]:
    return {row["pk"]: row["organisation_id"] for row in rows}


def _places(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    areas = {row["area_id"] for row in rows}
    found = AreaVersion.objects.filter(area_id__in=areas).order_by("valid_from")
    names = dict(found.values_list("area_id", "name"))
    return {row["pk"]: names.get(row["area_id"]) for row in rows}


def _parents(reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    names = organisation_names({row["parent_id"] for row in rows} - {None}, reader.day)
    return {row["pk"]: names.get(row["parent_id"]) for row in rows}


def _post_counts(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    found = Post.objects.filter(organisation_id__in=set(_ids(rows).values())).values("organisation_id")
    counts = {row["organisation_id"]: row["n"] for row in found.annotate(n=Count("pk"))}
    return {key: counts.get(office, 0) for key, office in _ids(rows).items()}


def _holders(reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    terms = Term.objects.filter(on_day(reader.day), post__organisation_id__in=set(_ids(rows).values()))
    found = terms.values("post__organisation_id").annotate(n=Count("official_id", distinct=True))
    counts = {row["post__organisation_id"]: row["n"] for row in found}
    return {key: counts.get(office, 0) for key, office in _ids(rows).items()}


def _named(rows: QuerySet[Any], _reader: Reader, value: str) -> QuerySet[Any]:
    return rows.filter(name__contains=value)


ORGANISATIONS = Listing(
    key="duties.organisations",
    title=Title("组织", "Organisations"),
    noun=Title("个组织", "organisations"),
    rows=_organisations,
    reader=reader_of(VIEW_OFFICIAL),
    may_open=may_open(VIEW_OFFICIAL),
    address=lambda _reader: reverse("duties:organisations"),
    order=("name", "pk"),
    order_title=Title("名称", "name"),
    log=False,
    empty=Title(
        "还没有组织。请登记，或导入干部名册。", "No organisations yet: record one, or import the roster of officials."
    ),
    columns=(
        Column("name", Title("名称", "Name"), field="name", sort=("name", "pk"), needs=("organisation_id",),
               href=lambda row: reverse("duties:organisation", args=[row["organisation_id"]])),
        Column("kind", Title("类型", "Kind"), "choice", "kind", choices=kinds.kinds()),
        Column("place", Title("所在区划", "Area"), load=_places, needs=("area_id",)),
        Column("parent", Title("隶属", "Below"), load=_parents, needs=("parent_id",), blank=Title("—", "—")),
        Column("posts", Title("职务", "Posts"), "amount", load=_post_counts, needs=("organisation_id",)),
        Column("holders", Title("在职", "In office"), "amount", load=_holders, needs=("organisation_id",),
               unit=Title("人", "people")),
        Column("since", Title("自", "Since"), "date", "valid_from", optional=True),
    ),
    filters=(
        ChoiceFilter("kind", Title("类型", "Kind"), "kind", choices=tuple(kinds.kinds().items())),
        TextFilter("name", Title("名称", "Name"), narrow=_named, length=40),
    ),
)  # fmt: skip
