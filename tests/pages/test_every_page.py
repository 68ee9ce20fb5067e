"""Every page of the route table, asked for over HTTP: it is there, in Chinese and in English, and asks the database no more for many rows than for few.

The pages come from the application itself (`walking.py`), so that a new one is walked from the day it is written, or fails here.
"""

import ast
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text

from core.app import branches
from core.web import gallery, i18n
from tests.pages import many, walking
from tests.pages.counting import Statements, counted
from tests.pages.reading import CHINESE, Words, left_chinese, left_english

TIMES = 50
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
    WHERE table_schema IN ('core', 'education') AND data_type IN ('text', 'jsonb') AND table_name <> 'route'
""")


_NAMES = text("""
    SELECT login AS word FROM core."user" UNION SELECT file_name FROM core.statement UNION SELECT code FROM core.client
""")
SHOWN = {"2026年03月01日 08:15:30", "学生类型=教工子女且学部=高中部", "第二个及以后子女", "凭申请", "全体", "第2个及以后子女", "学费减 50%", "学费减 5%"}
"""What files hold and people have to type in Chinese: a way to write a time, conditions of a discount and what it takes off."""
LEFT = {
    "/api": "the groups of the API are named in both languages, answers in the words of HTTP",
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
        for tenant_id in (town.client.id, town.bank_id):
            postgres.psql(many.script(schemas, tenant_id, TIMES), town.addresses.name)
        counts.append(Statements())
        for each in seen:
            each.later, each.english = await _asked(town, each.page, "en")
            each.many = counts[-1]
            counts.append(Statements())
    return seen, lost


async def _asked(town, page: walking.Page, language: str) -> tuple[int, str]:
    async with town.asking() as asking:
        asking.cookies.update({**town.cookies(page.who), "banyan_lang": language})
        answer = await asking.get(page.address)
        return answer.status_code, answer.text


@pytest.fixture(scope="module")
async def words(town, walked):
    """What people wrote: every text of the database with a Chinese character, but for sentences that the program wrote there."""
    own: set[str] = _gallery() | SHOWN
    for tenant_id in (town.client.id, town.bank_id):
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
    seen, lost = walked
    routes = walking.routes(town.app)
    paths = {route.path for route in routes}
    assert not lost, "\n".join(lost)
    assert {each.page.route for each in seen} == {route.path for route in routes if walking.is_page(route)}
    assert not set(walking.NOT_PAGES) - paths, "these addresses are gone"
    assert len(seen) > 150


def test_every_page_is_there(walked):
    found = [f"{each.page.address} as {each.page.who}: {each.status}, {each.later} with many rows" for each in walked[0] if {each.status, each.later} != {200}]
    assert not found, "\n".join(found)


def test_english_pages_hold_no_chinese_that_nobody_wrote(walked, words):
    known: dict[str, bool] = {}
    found = _places(walked[0], lambda each: left_chinese(each.english, words, known))
    assert not found, "\n".join(found)


def test_chinese_pages_hold_no_english_sentence_and_no_code(walked, words):
    found = _places(walked[0], lambda each: left_english(each.chinese, words))
    assert not found, "\n".join(found)


def _places(seen: list[Seen], read) -> list[str]:
    """Every text that was found with the pages it stands on."""
    places: dict[str, list[str]] = {}
    for each in seen:
        for said in dict.fromkeys(read(each)) if each.page.route not in LEFT else ():
            places.setdefault(said, []).append(each.page.name)
    return [f"{said!r} on {len(pages)}: {', '.join(pages[:3])}" for said, pages in places.items()]


def test_no_page_asks_row_by_row(walked):
    found = [f"{each.page.route}: {sql}" for each in walked[0] for sql in each.many.again(each.few)]
    assert not found, "\n".join(found)


def test_no_page_asks_more_than_it_may(walked):
    counts = {each.page.route: max(each.few.total(), each.many.total()) for each in walked[0]}
    found = [f"{route}: {count}" for route, count in counts.items() if count > MORE.get(route, CEILING)]
    assert not found, "\n".join(found)
    assert not set(MORE) - set(counts)
