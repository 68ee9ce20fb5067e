"""Every page of the route table, asked for over HTTP: it is there, in Chinese and in English, and asks the database no more for many rows than for few.

The pages come from the application itself (`walking.py`), so that a new one is walked from the day it is written, or fails here.
"""

import ast
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text

from core import paging
from core.app import branches
from core.web import gallery, i18n
from tests.pages import listing, many, walking
from tests.pages.counting import Statements, counted
from tests.pages.reading import CHINESE, Words, left_chinese, left_english

TIMES = 60
CEILING = 12
"""Statements of one page."""
MORE = {
    "/bank/go-live/{client_id}": 24,  # each step of the way reads what it is about
    "/bank/go-live/{client_id}/steps/{code}": 24,
    "/console/go-live": 24,
    "/console/go-live/steps/{code}": 24,
    "/console/education/plans/{plan_id}/trial": 15,  # a trial reads everything that prices
    "/console/education/plans/{plan_id}/trial/students": 15,
    "/console/education/plans/{plan_id}/trial/students/{student_no}": 15,
    "/h5/{client_code}/bills/{bill_id}/refund": 15,  # the family, the bill, its payments, what the rule gives back
    "/h5/{client_code}/orders/{number}": 16,  # before and after asking the channel
}
"""Pages that may run more."""
_TEXTS = text("""
    SELECT string_agg(format('SELECT DISTINCT %I::text AS word FROM %I.%I WHERE tenant_id = %L AND %I::text ~ ''[㐀-鿿]''', column_name, table_schema,
           table_name, CAST(:tenant AS text), column_name), ' UNION ')
    FROM information_schema.columns
    WHERE table_schema IN ('core', 'education', 'medical') AND data_type IN ('text', 'jsonb') AND table_name <> 'route'
""")


_NAMES = text("""
    SELECT login AS word FROM core."user" UNION SELECT file_name FROM core.statement UNION SELECT code FROM core.client
    UNION SELECT file_name FROM medical.robot_artefact
""")
SEALED = {"凝血四项", "普通床位", "二级护理", "头孢呋辛钠", "腹部彩超", "心电图", "静脉输液", "布洛芬缓释胶囊", "普通门诊"}
"""What a hospital wrote on its bills and the database keeps sealed: the patient alone reads it."""
SHOWN = {"2026年03月01日 08:15:30", "学生类型=教工子女且学部=高中部", "第二个及以后子女", "凭申请", "全体", "第2个及以后子女", "学费减 50%", "学费减 5%"}
"""What files hold and people have to type in Chinese: a way to write a time, conditions of a discount and what it takes off."""
LEFT = {
    "/api": "the groups of the API are named in both languages, answers in the words of HTTP",
    "/console/medical/robots/authorisations/{authorisation_id}": "what is signed is one text, in Chinese",
    "/console/notice-templates/{event}": "the Chinese wording of a notice with its variables is what this page is for",
}
"""Pages that hold the other language on purpose."""


class Seen(msgspec.Struct):
    """One page as it was answered with few rows in Chinese, and with many in English."""

    page: walking.Page
    few: Statements
    chinese: str
    status: int
    many: Statements = msgspec.field(default_factory=Statements)
    english: str = ""
    later: int = 0


class Onward(msgspec.Struct):
    """A list with many rows, and what its way to the next page leads to."""

    where: str
    first: listing.Table
    status: int = 0
    second: listing.Table | None = None


class Answered(msgspec.Struct):
    """A list of the API with many rows, and its next page."""

    path: str
    status: int
    rows: dict[str, int]
    items: list[object]
    cursor: str | None
    later: list[object] = []


class Walked(msgspec.Struct):
    """Everything that was asked for; `lost` are the routes for which no page was found."""

    seen: list[Seen]
    lost: list[str]
    onward: list[Onward]
    answered: list[Answered]


@pytest.fixture(scope="module")
async def walked(town, postgres, plugins):
    """Every page twice: few rows and Chinese, then many rows and English."""
    pages, lost = await town.resolve()
    seen = []
    with counted() as counts:
        for page in pages:
            status, chinese = await _asked(town, page, "zh")
            seen.append(Seen(page, counts[-1], chinese, status))
            counts.append(Statements())
        schemas = [branch.metadata for branch in branches(plugins)]
        for tenant_id in (town.client.id, town.hospital.id, town.bank_id):
            postgres.psql(many.script(schemas, tenant_id, TIMES), town.addresses.name)
        counts.append(Statements())
        for each in seen:
            each.later, each.english = await _asked(town, each.page, "en")
            each.many = counts[-1]
            counts.append(Statements())
        onward = [await _followed(town, each, table) for each in seen for table in listing.tables(each.english) if table.next]
        answered = [found for route in walking.program_lists(town.app) if (found := await _answered(town, route, counts))]
    return Walked(seen, lost, onward, answered)


async def _followed(town, each: Seen, table: listing.Table) -> Onward:
    status, page = await _asked(town, msgspec.structs.replace(each.page, address=table.next), "en")
    second = next((found for found in listing.tables(page) if found.id == table.id), None)
    return Onward(f"{each.page.route} {table.id}", table, status, second)


async def _answered(town, route: walking.Route, counts: list[Statements]) -> Answered | None:
    """A list of the API and its next page; None for what nobody of the demo may read, or what is no list."""
    who = town.resolver(route.plugin).holder(route)
    if who is None or route.side == "payer":
        return None
    counts.append(Statements())
    async with town.asking() as asking:
        asking.cookies.update(town.cookies(who))
        answer = await asking.get(route.path)
        rows, told = counts[-1].rows, answer.json() if answer.headers["content-type"].startswith("application/json") else {}
        items = told if isinstance(told, list) else told.get("items")
        if not isinstance(items, list):
            return None
        cursor = told.get("next_cursor") if isinstance(told, dict) else None
        later = (await asking.get(route.path, params={"cursor": cursor})).json()["items"] if cursor else []
    return Answered(route.path, answer.status_code, rows, items, cursor, later)


async def _asked(town, page: walking.Page, language: str) -> tuple[int, str]:
    async with town.asking() as asking:
        asking.cookies.update({**town.cookies(page.who), "banyan_lang": language})
        answer = await asking.get(page.address)
        return answer.status_code, answer.text


@pytest.fixture(scope="module")
async def words(town, walked):
    """What people wrote: every text of the database with a Chinese character, but for sentences that the program wrote there."""
    own: set[str] = _gallery() | SHOWN | SEALED
    for tenant_id in (town.client.id, town.hospital.id, town.bank_id):
        async with town.platform.database.tenant(tenant_id) as session:
            sql = await session.scalar(_TEXTS, {"tenant": str(tenant_id)})
            for row in await session.all(text(sql.replace(":", r"\:"))):
                own |= _pieces(row.word)
            own |= {row.word for row in await session.all(_NAMES)}
    known = i18n.catalogue("en")
    english = {message.string for message in known if isinstance(message.string, str)}
    return Words(frozenset(own), frozenset(english))


def _gallery() -> set[str]:
    """The made-up people, classes and sums of the gallery."""
    tree = ast.parse(Path(gallery.__file__).read_text(encoding="utf-8"))
    said = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {" ".join(word.split()) for word in said if CHINESE.search(word)}


def _pieces(word: str) -> set[str]:
    """The texts inside a value: JSON is opened."""
    if word[:1] in "[{\"":
        try:
            return set(_inside(msgspec.json.decode(word)))
        except msgspec.DecodeError:
            pass
    return {" ".join(word.split())}


def _inside(value: object):
    if isinstance(value, str):
        if CHINESE.search(value):
            yield " ".join(value.split())
    elif isinstance(value, dict):
        for each in (*value.keys(), *value.values()):
            yield from _inside(each)
    elif isinstance(value, list):
        for each in value:
            yield from _inside(each)


def test_every_route_is_walked_or_says_why_not(town, walked):
    seen, lost = walked.seen, walked.lost
    routes = walking.routes(town.app)
    paths = {route.path for route in routes}
    assert not lost, "\n".join(lost)
    assert {each.page.route for each in seen} == {route.path for route in routes if walking.is_page(route)}
    assert not set(walking.NOT_PAGES) - paths, "these addresses are gone"
    assert len(seen) > 150


def test_every_page_is_there(walked):
    bad = [each for each in walked.seen if {each.status, each.later} != {200}]
    found = [f"{each.page.address} as {each.page.who}: {each.status}, {each.later} with many rows" for each in bad]
    assert not found, "\n".join(found)


def test_english_pages_hold_no_chinese_that_nobody_wrote(walked, words):
    known: dict[str, bool] = {}
    found = _places(walked.seen, lambda each: left_chinese(each.english, words, known))
    assert not found, "\n".join(found)


def test_chinese_pages_hold_no_english_sentence_and_no_code(walked, words):
    found = _places(walked.seen, lambda each: left_english(each.chinese, words))
    assert not found, "\n".join(found)


def _places(seen: list[Seen], read) -> list[str]:
    """Every text that was found with the pages it stands on."""
    places: dict[str, list[str]] = {}
    for each in seen:
        for said in dict.fromkeys(read(each)) if each.page.route not in LEFT else ():
            places.setdefault(said, []).append(each.page.name)
    return [f"{said!r} on {len(pages)}: {', '.join(pages[:3])}" for said, pages in places.items()]


def test_no_page_asks_row_by_row(walked):
    found = [f"{each.page.route}: {sql}" for each in walked.seen for sql in each.many.again(each.few)]
    assert not found, "\n".join(found)


def test_no_page_asks_more_than_it_may(walked):
    counts = {each.page.route: max(each.few.total(), each.many.total()) for each in walked.seen}
    found = [f"{route}: {count}" for route, count in counts.items() if count > MORE.get(route, CEILING)]
    assert not found, "\n".join(found)
    assert not set(MORE) - set(counts)


def test_no_list_shows_more_than_a_page_or_hides_its_next(walked):
    found = [told for each in walked.seen for told in listing.too_long(each.page.route, each.english)]
    assert not found, "\n".join(found)


def test_no_statement_of_a_page_answers_every_row(walked):
    found: dict[str, list[str]] = {}
    for each in walked.seen:
        for told in listing.unbounded(each.many.rows):
            found.setdefault(told, []).append(each.page.route)
    assert not found, "\n".join(f"{told}: {', '.join(routes[:3])} ({len(routes)})" for told, routes in found.items())


def test_the_next_page_of_every_list_has_other_rows(walked):
    assert len(walked.onward) > 30
    lost = [each.where for each in walked.onward if each.status != 200 or each.second is None or not each.second.rows]
    assert not lost, "\n".join(lost)
    again = [each.where for each in walked.onward if each.first.own & each.second.own]
    assert not again, "\n".join(again)


def test_lists_of_the_api_come_page_by_page(walked):
    long = [each for each in walked.answered if each.path not in listing.WHOLE_ANSWERS]
    assert len(long) > 30
    found = [f"{each.path}: {len(each.items)} at once" for each in long if len(each.items) > paging.PAGE]
    found += [f"{each.path}: as many as a page and no cursor" for each in long if len(each.items) == paging.PAGE and not each.cursor]
    found += [f"{each.path}: {told}" for each in long for told in listing.unbounded(each.rows)]
    found += [f"{each.path}: a next page with nothing, or with the same" for each in long if each.cursor and (not each.later or each.later == each.items)]
    assert not found, "\n".join(found)
