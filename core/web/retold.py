"""What is written down once, in Chinese (the title of a job or a proposal, why something was refused), told to readers of another language.

A title is made from a sentence with places (`导出 %(what)s`); the same sentence, registered here, finds the title again by its form. Nothing more
is stored, so titles of long ago are told as well. The sentences of our errors are found likewise, without being registered. What stands in a place
called `what` or `why` is ours and told as well; every other place holds what people wrote, which stays as it is.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from core.errors import PlatformError
from core.web import i18n

_PLACE = re.compile(r"%\((\w+)\)s")
_FACT = re.compile(r"\{(\w+)\}")
_CHINESE = re.compile("[\u3400-\u9fff]")
_OURS = ("what", "why", "reason")
_SAYS_ENOUGH = 4
"""Characters of its own by which an error's sentence is known again; `{reason}` alone would be found in everything."""
_LONGEST = 600
"""Characters; nothing of ours is longer, and a form is not tried on a page of somebody's text."""
_forms: dict[str, re.Pattern[str]] = {}
"""By sentence, the one that says most first."""


def register(*sentences: str) -> None:
    """Sentences that titles and refusals are made from, marked with `N_`."""
    _forms.update({sentence: _form(_PLACE.split(sentence)) for sentence in sentences})
    said_most = sorted(_forms, key=lambda sentence: -len(_PLACE.sub("", sentence)))
    _forms.update({sentence: _forms.pop(sentence) for sentence in said_most})
    _told.cache_clear()


def retold(title: str) -> str:
    """A title or a refusal in the reader's language; one that no sentence of ours made stays as it is."""
    if i18n.locale() == i18n.SOURCE or not title or len(title) > _LONGEST or not _CHINESE.search(title):
        return title
    told = _told(str(title), i18n.locale())
    return title if told == title else told


def known(title: str) -> bool:
    """Whether some sentence makes such a title."""
    return any(form.fullmatch(title) for form in _forms.values())


@lru_cache(maxsize=2_000)
def _told(title: str, language: str) -> str:
    if (whole := i18n.gettext(title)) != title:
        return whole
    for sentence, form in _forms.items():
        if found := form.fullmatch(title):
            return i18n.gettext(sentence, **_facts(found, language))
    for sentence, form in _of_errors():
        if found := form.fullmatch(title):
            return i18n.gettext(sentence).format(**_facts(found, language))
    return title


def _facts(found: re.Match[str], language: str) -> dict[str, str]:
    return {name: _told(said, language) if name.rstrip("0123456789") in _OURS else said for name, said in found.groupdict().items()}


def _form(parts: list[str]) -> re.Pattern[str]:
    """The texts between places and the places' names, by turns, as what was made of them looks."""
    return re.compile("".join(f"(?P<{part}>.+)" if place % 2 else re.escape(part) for place, part in enumerate(parts)), re.DOTALL)


@cache
def _of_errors() -> list[tuple[str, re.Pattern[str]]]:
    """The sentences of our errors, the one that says most first."""
    sentences = {sentence for sentence in _messages(PlatformError) if len(_CHINESE.findall(_FACT.sub("", sentence))) >= _SAYS_ENOUGH}
    split = [(sentence, _FACT.split(sentence)) for sentence in sorted(sentences, key=lambda sentence: (-len(_FACT.sub("", sentence)), sentence))]
    return [(sentence, _form(parts)) for sentence, parts in split if len(set(parts[1::2])) == len(parts[1::2])]


def _messages(kind: type[PlatformError]) -> Iterator[str]:
    yield kind.message
    for leaf in kind.__subclasses__():
        yield from _messages(leaf)
