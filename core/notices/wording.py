"""Filling in a template, in a sandbox that knows values and conditions and nothing else; how long a text message is.

A client edits its own words (architecture §11.12). What may stand in them is a short list of syntax nodes: no loops, calls, attributes or
filters, so nothing in them can read, reach or take long.
"""

from collections.abc import Iterable, Mapping

from jinja2 import TemplateSyntaxError, nodes
from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from core.notices.errors import BadTemplate
from core.notices.events import Words
from core.web.i18n import gettext as _

LONGEST = 500
_ENVIRONMENT = ImmutableSandboxedEnvironment(autoescape=False, auto_reload=False, cache_size=200)
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.Compare, nodes.Operand, nodes.And, nodes.Or,
    nodes.Not,
)  # fmt: skip
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)


def check(template: str, variables: Iterable[str]) -> None:
    """BadTemplate when a template is no template, uses what it may not, or a value that its event does not have."""
    if len(template) > LONGEST:
        raise BadTemplate(why=_("不能超过 %(n)s 个字", n=LONGEST))
    try:
        tree = _ENVIRONMENT.parse(template)
    except TemplateSyntaxError as error:
        raise BadTemplate(why=_("第 %(line)s 行写法有误，请检查花括号是否成对", line=error.lineno)) from None
    known = set(variables)
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _ALLOWED):
            raise BadTemplate(why=_("只能使用变量和条件，不能使用循环、函数、过滤器"))
        if isinstance(node, nodes.Name) and node.name not in known:
            raise BadTemplate(why=_("没有名为“%(name)s”的变量", name=node.name))


def check_words(words: Words, variables: Iterable[str]) -> None:
    """The same for all the words of an event."""
    for text in (words.title, words.inbox, words.sms, *words.wechat.values()):
        check(text, variables)


def fill(template: str, facts: Mapping[str, str]) -> str:
    """The text itself; a value that is missing is left empty."""
    try:
        return _ENVIRONMENT.from_string(template).render(facts)
    except TemplateError as error:
        raise BadTemplate(why=str(error)[:100]) from None


def units(text: str) -> int:
    """How many signs a phone network counts: those outside the basic plane count twice."""
    return len(text.encode("utf-16-le")) // 2


def segments(text: str) -> int:
    """How many text messages a text is charged as: 70 signs, or 67 each of a longer one (160 and 153 where all are GSM's own)."""
    if not text:
        return 0
    single, each = (160, 153) if set(text) <= _GSM else (70, 67)
    count = units(text)
    return 1 if count <= single else -(-count // each)
