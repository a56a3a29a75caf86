"""The engine of lists: every row once whatever the filter and order, the count equals the rows, and no more than the
grants; what an address may hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.lists import (
    Cell,
    ChoiceFilter,
    Column,
    DateFilter,
    FlagFilter,
    Listing,
    NumberFilter,
    Reader,
    TextFilter,
    open_list,
    saved,
)
from tuopin.platform.models import AuditEntry, Job, SavedView, User
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.templatetags.lists import cells
from tuopin.platform.templatetags.words import mark

if TYPE_CHECKING:
    from tuopin.platform.lists import Open

pytestmark = pytest.mark.django_db

NAMES = ("张三", "李四", "王五", "O'Neil", "=cmd|x", "%_%", "阿·布", "Ａ")
STATES = ("queued", "running", "done", "failed")


def _title(text: str) -> Title:
    return Title(text, text)


LISTING = Listing(
    key="tests.jobs",
    title=_title("jobs"),
    noun=_title("jobs"),
    rows=lambda reader: Job.objects.filter(os_user="tests") if reader.place is None else Job.objects.none(),
    may_open=lambda _reader: None,
    address=lambda _reader: "/",
    order=("kind",),
    first="kind",
    columns=(
        Column("kind", _title("kind"), field="kind", sort=("kind",)),
        Column("name", _title("name"), field="actor_name", sort=("actor_name",)),
        Column("finished", _title("finished"), "date", "finished_at", sort=("finished_at",)),
        Column("user", _title("user"), "amount", "user_id", sort=("user_id",)),
        Column("private", _title("private"), field="state", classes=("health",)),
        Column("more", _title("more"), field="worker", optional=True),
    ),
    filters=(
        ChoiceFilter("state", _title("state"), "state", choices=tuple((each, _title(each)) for each in STATES)),
        ChoiceFilter("user", _title("user"), "user_id", choices=(("1", _title("1")), ("2", _title("2"))), blank=True),
        NumberFilter("done", _title("done"), "progress_done", scale=2),
        NumberFilter("number", _title("number"), "user_id", blank=True),
        DateFilter("started", _title("started"), "started_at__date"),
        TextFilter("kind", _title("kind"), "kind"),
        FlagFilter("tried", _title("tried"), narrow=lambda rows, _reader, value: rows.filter(attempts=int(value))),
        ChoiceFilter("private", _title("private"), "state", choices=(("done", _title("done")),), classes=("health",)),
    ),
)


def _reader(**more: Any) -> Reader:
    return Reader(local_admin(), date(2018, 12, 1), **more)


def _open(address: str = "", reader: Reader | None = None, listing: Listing = LISTING) -> Open:
    return open_list(listing, reader or _reader(), parse_qs(address, keep_blank_values=True))


@pytest.fixture
def jobs() -> None:
    now = timezone.now().replace(year=2018, month=6, day=1)
    Job.objects.bulk_create(
        Job(
            kind=f"{'ab'[at % 2]}{at % 9}", payload={}, max_attempts=1, attempts=at % 2, run_after=now, created_at=now,
            actor_kind="local", actor_name=NAMES[at % len(NAMES)], os_user="tests", state=STATES[at % 4],
            user_id=None, progress_done=at * 7, started_at=now if at % 5 else None,
            finished_at=now.replace(day=1 + at % 20) if at % 3 else None,
        )
        for at in range(137)
    )  # fmt: skip


def _walk(address: str, size: int, reader: Reader | None = None) -> list[Any]:
    """Every page from the first to the last, and back again: both ways give the same."""
    forward, cursor, pages = [], "", 0
    while True:
        opened = _open(address + (f"&after={cursor}" if cursor else ""), reader)
        page, lines = opened.page(size)
        assert page.first == len(forward) + 1
        forward += [line.pk for line in lines]
        pages += 1
        if not page.after:
            break
        cursor = page.after
    back, cursor = [line.pk for line in lines], page.before
    while cursor:
        page, lines = _open(f"{address}&before={cursor}", reader).page(size)
        back = [line.pk for line in lines] + back
        cursor = page.before
    assert set(back) == set(forward)
    assert back[-len(forward) :] == forward[-len(back) :]
    return forward


@pytest.mark.usefixtures("jobs")
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    sort=st.sampled_from(["", "kind", "-kind", "name", "-name", "finished", "-finished", "user", "-user"]),
    state=st.sets(st.sampled_from(STATES), max_size=2),
    low=st.integers(0, 12),
    kind=st.sampled_from(["", "a", "b3", "c", "%"]),
    tried=st.sampled_from(["", "1", "0"]),
    size=st.integers(1, 60),
)
def test_paging_shows_each_row_once_and_the_count_is_theirs(
    sort: str, state: set[str], low: int, kind: str, tried: str, size: int
) -> None:
    """Whatever the filter, the order and the size of a page, with blanks among the values sorted by."""
    address = f"sort={sort}&done_from={low}.00&kind={kind}&tried={tried}" + "".join(f"&state={each}" for each in state)
    opened = _open(address)
    rows = Job.objects.filter(os_user="tests", progress_done__gte=low * 100, kind__startswith=kind)
    rows = rows.filter(state__in=state) if state else rows
    rows = rows.filter(attempts=int(tried)) if tried else rows
    expected = set(rows.values_list("pk", flat=True))
    walked = _walk(address, size)
    assert len(walked) == len(set(walked))
    assert set(walked) == expected
    assert opened.count() == len(expected)
    assert [line.pk for line in opened.stream(chunk=7)] == walked


@pytest.mark.usefixtures("jobs")
def test_blanks_come_last_in_both_directions() -> None:
    """Unknown is neither the smallest nor the largest."""
    for sort in ("finished", "-finished"):
        lines = list(_open(f"sort={sort}").stream())
        values = [line.row["finished_at"] for line in lines]
        known = [value for value in values if value is not None]
        assert None in values
        assert values[: len(known)] == known == sorted(known, reverse=sort.startswith("-"))


@pytest.mark.usefixtures("jobs")
def test_a_row_that_comes_or_goes_moves_no_other() -> None:
    """The next page begins behind the last row seen, even if that has been deleted meanwhile."""
    page, lines = _open("sort=name").page(20)
    seen = [line.pk for line in lines]
    Job.objects.filter(pk__in=seen[10:]).delete()
    _page, after = _open(f"sort=name&after={page.after}").page(200)
    rest = [line.pk for line in after]
    assert not set(seen) & set(rest)
    assert len(rest) + 20 == 137


@pytest.mark.usefixtures("jobs")
def test_an_address_says_nothing_of_the_names_it_is_sorted_by() -> None:
    """The cursor is encrypted, and good for this list in this order only."""
    page, _lines = _open("sort=name").page(20)
    assert page.after.isascii()
    for name in NAMES:
        assert name.encode().hex() not in page.after
    for other in ("sort=-name", "sort=kind", ""):
        with pytest.raises(Problem) as refused:
            _open(f"{other}&after={page.after}").page(20)
        assert refused.value.code == "bad_cursor"


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("nonsense=1", "unknown_filter"),
        ("sort=nothing", "bad_sort"),
        ("sort=more", "bad_sort"),
        ("column=nothing", "bad_column"),
        ("column=private", "bad_column"),
        ("private=done", "unknown_filter"),
        ("state=%00", "bad_filter"),
        ("state=' or 1=1", "bad_filter"),
        ("done_from=1.234", "bad_filter"),
        ("done_from=1e9", "bad_filter"),
        ("done_from=" + "9" * 30, "bad_filter"),
        ("done_from=９９&done_to=1", "bad_filter"),
        ("done_from=--1", "bad_filter"),
        ("number_blank=1&number_from=2", "bad_filter"),
        ("started_from=2018-02-30", "bad_filter"),
        ("started_to=1.12.2018", "bad_filter"),
        ("kind=" + "x" * 65, "bad_filter"),
        ("kind=%00", "bad_filter"),
        ("tried=yes", "bad_filter"),
        ("after=zzz", "bad_cursor"),
        ("after=" + "A" * 200, "bad_cursor"),
        ("before=é", "bad_cursor"),
        ("&".join(f"f{at}=1" for at in range(200)), "too_many_filters"),
        ("kind=" + "x" * 9000, "too_many_filters"),
    ],
)
def test_what_an_address_may_not_hold_is_refused_with_a_reason(address: str, code: str) -> None:
    """A filter that is silently ignored would show rows that somebody believes to be filtered out."""
    with pytest.raises(Problem) as refused:
        _open(address).page()
    assert refused.value.code == code
    assert refused.value.status == 400
    assert refused.value.zh
    assert refused.value.en


def test_full_width_digits_and_grouped_numbers_are_numbers() -> None:
    """As they are typed in an office."""
    chosen = _open("done_from=１，２３４．５&done_to=2,000").state.value("done")
    assert (chosen.low, chosen.high) == (123_450, 200_000)
    assert _open("done_from=1,234.5&done_to=2000").state.filters == (("done_from", "1234.5"), ("done_to", "2000"))


def test_columns_and_filters_of_a_closed_class_do_not_exist() -> None:
    """Nor can one sort by them; for whom the class is open they are there."""
    closed, opened = _open(), _open(reader=_reader(classes=frozenset({"general", "health"})))
    assert "private" not in closed.columns
    assert "private" not in {each.key for each in closed.filters}
    assert "private" in opened.columns
    assert opened.state.filters == ()


@pytest.mark.usefixtures("jobs")
def test_cells_print_alike_in_both_languages_and_unknown_is_said() -> None:
    """Raw values for exports, words for pages."""
    opened = _open("sort=-user&column=name&column=finished&column=more")
    assert [column.key for column in opened.shown] == ["kind", "name", "finished", "more"]
    line = next(line for line in opened.stream() if line.row["finished_at"] is None)
    finished, more = line.cells[2], line.cells[3]
    assert finished.value is None
    assert finished.text is None
    assert finished.column.blank == Title("未知", "unknown")
    assert more.text is None


@pytest.mark.usefixtures("jobs")
def test_the_address_can_be_shared() -> None:
    """What it is parsed from and what it is written as are the same list; another filter begins at the first page."""
    address = "state=done&state=failed&done_from=1.5&sort=-name&column=name&view=3"
    state = _open(address).state
    again = _open(state.query().lstrip("?")).state
    assert again.parameters() == state.parameters()
    page, _lines = _open("sort=-name").page(20)
    deep = _open(f"sort=-name&after={page.after}").state
    assert "after=" in deep.query(after=deep.after)
    assert "after=" not in deep.query(sort="kind")


# -- saved views --------------------------------------------------------------------------------------------------


@pytest.fixture
def somebody() -> User:
    return User.objects.create_user("somebody", "a-long-password-1")


def test_a_view_keeps_filters_order_and_columns_for_its_owner(somebody: User) -> None:
    """Not the place, not the page; saving again under the name replaces it; one default at most."""
    reader = Reader(actor_for(somebody), date(2018, 12, 1))
    view = saved.save_view(reader, LISTING, " 未脱贫  户 ", "?state=done&sort=-name&area=410000&view=9", default=True)
    assert (view.name, view.query, view.is_default) == ("未脱贫 户", "state=done&sort=-name", True)
    saved.save_view(reader, LISTING, "未脱贫 户", "state=failed", default=False)
    saved.save_view(reader, LISTING, "二", "", default=True)
    saved.save_view(reader, LISTING, "三", "", default=True)
    assert [(each.name, each.is_default) for each in saved.views_of(reader.actor, LISTING.key)] == [
        ("三", True), ("二", False), ("未脱贫 户", False),
    ]  # fmt: skip
    assert AuditEntry.objects.filter(action="platform.save_view").count() == 4
    other = actor_for(User.objects.create_user("other", "a-long-password-1"))
    assert saved.views_of(other, LISTING.key) == []
    with pytest.raises(Missing):
        saved.delete_views(other, [view.pk])
    assert saved.delete_views(reader.actor, [view.pk]) == 1
    assert SavedView.objects.count() == 2


@pytest.mark.parametrize(
    ("name", "query"), [("", ""), ("x" * 61, ""), ("a\0b", ""), ("好", "nonsense=1"), ("好", "private=done")]
)
def test_a_view_that_cannot_be_opened_is_not_kept(somebody: User, name: str, query: str) -> None:
    """Neither without a name nor with a condition that the list does not know."""
    with pytest.raises(Problem):
        saved.save_view(Reader(actor_for(somebody), date(2018, 12, 1)), LISTING, name, query)
    assert not SavedView.objects.exists()


def test_so_many_views_and_no_more(somebody: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replacing one is still possible."""
    monkeypatch.setattr(saved, "MOST", 2)
    reader = Reader(actor_for(somebody), date(2018, 12, 1))
    for name in ("一", "二", "二"):
        saved.save_view(reader, LISTING, name, "")
    with pytest.raises(Problem):
        saved.save_view(reader, LISTING, "三", "")


def test_cells_are_words_never_markup_and_say_what_is_not_known() -> None:
    columns = {each.key: each for each in LISTING.columns}
    wild = Title("<b>“&'\"", "<i>en</i>")
    verdict = Column("met", Title("<住>房", "<house>"), "verdict", words="")
    given = (
        Cell(columns["kind"], "x", wild, '/a/?b="1"&c=2'),
        Cell(columns["name"], "x", wild),
        Cell(columns["user"], None, None),
        Cell(replace(columns["name"], blank=Title("无", "none")), None, None, "/never/"),
        Cell(columns["finished"], "x", _title("2018-12-01"), "/day/"),
        Cell(verdict, "met", Title("达标", "met")),
    )
    with translation.override("en"):
        found = cells(given).split("\n")
    assert found == [
        '<th scope="row" class="code"><a href="/a/?b=&quot;1&quot;&amp;c=2">&lt;i&gt;en&lt;/i&gt;</a></th>',
        '<td data-label="name" class="wrap">&lt;i&gt;en&lt;/i&gt;</td>',
        '<td data-label="user" class="amount"><span class="blank">unknown</span></td>',
        '<td data-label="name" class="wrap"><span class="quiet">none</span></td>',
        '<td data-label="finished" class="code"><a href="/day/">2018-12-01</a></td>',
        f'<td data-label="&lt;house&gt;" class="item">{_marked("met")}</td>',
    ]
    assert cells((Cell(columns["kind"], None, None, "/x/"),)) == (
        '<th scope="row" class="code"><a href="/x/">—</a></th>'
    )
    assert "&lt;b&gt;“&amp;&#x27;&quot;" in cells(given)


def _marked(value: str) -> str:
    with translation.override("en"):
        return mark(value)
