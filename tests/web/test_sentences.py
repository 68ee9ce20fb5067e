"""Sentences in templates: translated, filled in and escaped, whoever wrote them."""

import pytest

from core.web import i18n
from core.web.templating import environment


@pytest.fixture(scope="module")
def drawn():
    made = environment()
    return lambda text, **values: made.from_string(text).render(**values)


def test_a_value_with_a_percent_sign_is_shown_as_it_is(drawn):
    assert drawn("{{ _(value) }}", value="学费减 50%，再减 %(n)s") == "学费减 50%，再减 %(n)s"


def test_a_percent_sign_of_a_template_is_written_twice(drawn):
    assert drawn('{{ _("比例（%%）") }}') == "比例（%）"
    assert drawn('{{ _("付款金额的 %(n)s%%", n=30) }}') == "付款金额的 30%"


def test_what_somebody_wrote_is_escaped_though_it_is_looked_up(drawn):
    said = "<script>alert(1)</script>"
    assert "<script>" not in drawn("{{ _(value) }}", value=said)
    assert "<script>" not in drawn("{{ labelled(value, _(value)) }}", value=said)
    assert "<script>" not in drawn('{{ _("%(who)s 提交", who=value) }}', value=said)
    assert drawn('{{ _("%(who)s 提交", who=_(value)) }}', value="甲 & 乙") == "甲 &amp; 乙 提交", "escaped once"


def test_nothing_is_nothing(drawn):
    assert drawn("{{ _(none) }}{{ _('') }}") == ""


def test_the_reader_has_it_in_their_language(drawn):
    with i18n.speaking("en"):
        assert drawn('{{ _("登录") }}') == "Log in"
