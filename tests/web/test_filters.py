"""Money, dates, masks and states as templates show them, and the query of a page."""

import datetime as dt
from decimal import Decimal

import jinja2
import pytest

from core.web import statuses
from core.web.i18n import speaking
from core.web.menu import MenuItem, current_path, menu_for
from core.web.templating import Page, draw, environment


@pytest.fixture(scope="module")
def shown():
    made = environment()

    def draw_text(text: str, page: Page = Page(), **context: object) -> str:  # noqa: B008  (a frozen value)
        made.loader = jinja2.ChoiceLoader([jinja2.DictLoader({"t": text})])
        made.cache.clear()
        return draw(made, "t", page, context)

    return draw_text


@pytest.mark.parametrize(
    ("fen", "yuan", "money"),
    [
        (123450, "1,234.50", "¥1,234.50"),
        (0, "0.00", "¥0.00"),
        (1, "0.01", "¥0.01"),
        (-100, "−1.00", "−¥1.00"),
        (1_000_000_000_00, "1,000,000,000.00", "¥1,000,000,000.00"),
    ],
)
def test_money_is_shown_in_yuan_with_two_decimals(shown, fen, yuan, money):
    assert shown("{{ v | yuan }}|{{ v | money }}", v=fen) == f"{yuan}|{money}"


def test_instants_are_shown_in_shanghai(shown):
    late = dt.datetime(2026, 8, 31, 16, 5, tzinfo=dt.UTC)
    assert shown("{{ v | date }}|{{ v | datetime }}", v=late) == "2026-09-01|2026-09-01 00:05"
    assert shown("{{ v | date }}|{{ none | datetime }}", v=dt.date(2026, 9, 1)) == "2026-09-01|"


def test_all_is_only_said_when_it_is_all(shown):
    assert shown("{{ 7999 | percent(8000) }} {{ 8000 | percent(8000) }} {{ 0 | percent(0) }}") == "99.9% 100.0% 0.0%"


def test_masks_are_filters_too(shown):
    assert shown("{{ '欧阳小明' | mask_name }} {{ '13812345678' | mask_phone }}") == "欧*** 138****5678"


def test_a_status_is_a_word_in_the_readers_language(shown):
    assert "部分已缴" in shown("{{ 'partially_paid' | status_badge('bill') }}")
    with speaking("en"):
        assert "Partly paid" in shown("{{ 'partially_paid' | status_badge('bill') }}")


def test_a_period_is_said_as_people_say_it(shown):
    assert shown("{{ '2026-2027-1' | period }}，{{ '2026-2027-2' | period }}") == "2026-2027 学年第一学期，2026-2027 学年第二学期"
    assert shown("{{ '2026-09' | period }}，{{ '2026 秋季' | period }}，{{ '' | period }}") == "2026 年 9 月，2026 秋季，"
    with speaking("en"):
        assert shown("{{ '2026-2027-1' | period }}") == "2026-2027, first term"


def test_an_unknown_status_is_shown_as_it_is_and_escaped(shown):
    assert "&lt;x&gt;" in shown("{{ '<x>' | status_badge('bill') }}")
    assert statuses.word_of("odd", "no machine") == ("odd", "quiet")


def test_a_missing_value_raises_instead_of_showing_nothing(shown):
    with pytest.raises(jinja2.UndefinedError):
        shown("{{ nowhere }}")


def test_the_query_of_a_page_keeps_its_filters_when_it_is_sorted(shown):
    page = Page(path="/console/bills", query="q=%E6%9E%97&status=paid&cursor=9")
    link = shown("{{ url_with(sort='-due_on', cursor=none) }}", page)
    assert link == "/console/bills?q=%E6%9E%97&amp;status=paid&amp;sort=-due_on"
    assert shown("{{ query_value('q') }}{{ query_value('none') }}", page) == "林"


def test_decimals_never_reach_a_page_as_money(shown):
    with pytest.raises(ValueError, match="format"):
        shown("{{ v | money }}", v=Decimal("1.5"))


def test_the_menu_holds_what_a_person_may_open():
    items = [MenuItem("乙", "/b", permission="b", order=2), MenuItem("甲", "/a", order=1), MenuItem("丙", "/a/c", group="组")]
    own = menu_for(items, {"x"})
    assert [[i.path for i in g.items] for g in own] == [["/a"], ["/a/c"]]
    assert current_path(own, "/a/c/7") == "/a/c"
    assert current_path(own, "/abc") == ""
    assert current_path(own, "/a/search") == "", "a home is not where everything is"
