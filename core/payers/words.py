"""What a payer's pages call the person paid for, by kind of client."""

import msgspec

from core.web.i18n import N_, gettext


class Words(msgspec.Struct, frozen=True):
    """`person` as in “bind a …”, and the labels of the facts that prove it."""

    person: str
    name: str
    number: str


_WORDS: dict[str, Words] = {}
RELATIONS = (N_("父亲"), N_("母亲"), N_("爷爷"), N_("奶奶"), N_("外公"), N_("外婆"), N_("本人"))
"""The usual relations of a guardian, for readers of other languages."""
_OTHERS = Words(N_("缴费对象"), N_("姓名"), N_("编号"))


def register(kind: str, words: Words) -> None:
    """Name the person paid for at one kind of client (marked with `N_`); a plugin does so for the clients it serves."""
    _WORDS[kind] = words


def words_for(kind: str) -> Words:
    """The words for a kind of client, in the language of the request."""
    found = _WORDS.get(kind, _OTHERS)
    return Words(gettext(found.person), gettext(found.name), gettext(found.number))
