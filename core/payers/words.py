"""What a payer's pages call the person paid for, by kind of client."""

import msgspec

from core.web.i18n import N_, gettext


class Words(msgspec.Struct, frozen=True):
    """`person` as in “bind a …”, and the labels of the facts that prove it."""

    person: str
    name: str
    number: str


_WORDS = {
    "school": Words(N_("学生"), N_("学生姓名"), N_("学号")),
    "school_group": Words(N_("学生"), N_("学生姓名"), N_("学号")),
    "hospital": Words(N_("就诊人"), N_("就诊人姓名"), N_("患者编号")),
    "property": Words(N_("房屋"), N_("业主姓名"), N_("房号")),
}
RELATIONS = (N_("父亲"), N_("母亲"), N_("爷爷"), N_("奶奶"), N_("外公"), N_("外婆"), N_("本人"))
"""The usual relations of a guardian, for readers of other languages."""
_OTHERS = Words(N_("缴费对象"), N_("姓名"), N_("编号"))


def words_for(kind: str) -> Words:
    """The words for a kind of client, in the language of the request."""
    found = _WORDS.get(kind, _OTHERS)
    return Words(gettext(found.person), gettext(found.name), gettext(found.number))
