"""Titles that are written down once, in Chinese (of a job, of a proposal), told to readers of another language.

A title is made from a sentence with places (`导出 %(what)s`); the same sentence, registered here, finds the title again by its form. Nothing more
is stored, so titles of long ago are told as well. What stands in a place called `what` is a word of ours and looked up; every other place holds what
people wrote, which stays as it is.
"""

import re
from functools import lru_cache

from core.web import i18n

_PLACE = re.compile(r"%\((\w+)\)s")
_forms: dict[str, re.Pattern[str]] = {}
"""By sentence, the one that says most first."""


def register(*sentences: str) -> None:
    """Sentences that titles are made from, marked with `N_`."""
    for sentence in sentences:
        parts = _PLACE.split(sentence)
        form = "".join(f"(?P<{part}>.+)" if place % 2 else re.escape(part) for place, part in enumerate(parts))
        _forms[sentence] = re.compile(form, re.DOTALL)
    said_most = sorted(_forms, key=lambda sentence: -len(_PLACE.sub("", sentence)))
    _forms.update({sentence: _forms.pop(sentence) for sentence in said_most})
    _told.cache_clear()


def retold(title: str) -> str:
    """A title in the reader's language; one that no sentence made stays as it is."""
    return title if i18n.locale() == i18n.SOURCE else _told(str(title), i18n.locale())


def known(title: str) -> bool:
    """Whether some sentence makes such a title."""
    return any(form.fullmatch(title) for form in _forms.values())


@lru_cache(maxsize=2_000)
def _told(title: str, _language: str) -> str:
    for sentence, form in _forms.items():
        if found := form.fullmatch(title):
            facts = {name: i18n.gettext(said) if name == "what" else said for name, said in found.groupdict().items()}
            return i18n.gettext(sentence, **facts)
    return title
