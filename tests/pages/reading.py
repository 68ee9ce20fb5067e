"""What somebody reads on a page, in order, and whether it is in their language.

Visible text, and what a hovering mouse or a screen reader says (`title`, `alt`, `aria-label`, `placeholder`). What a template marks as Chinese
(`lang="zh-CN"`), code (`<code>`, `<pre>`) and scripts are not read.
"""

import html
import re
from collections.abc import Iterable, Iterator

import msgspec

_TAG = re.compile(r"<!--.*?-->|<(/?)([a-zA-Z][\w-]*)((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>", re.S)
_SAID = re.compile(r"\b(title|alt|aria-label|placeholder|data-confirm|data-label)=\"([^\"]*)\"")
_LANG = re.compile(r"\blang=\"([a-zA-Z-]*)\"")
_UNREAD = {"script", "style", "code", "pre", "svg"}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
CHINESE = re.compile(r"[\u3001\u3002\u3400-\u9fff\uff0c\uff1a\uff1b]")
"""A character, or a stop, comma, colon or semicolon as only Chinese has them; brackets and quotes may stand around a Chinese name."""
_BRAND = "榕 Banyan"
_MASKED = re.compile(r"[\u3400-\u9fff·]*\*+[\u3400-\u9fff·*]*")
_LEFT_OVER = re.compile(r"%\(\w+\)|\{\{|\{\w+\}")
_WORDS = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z]{2,}){2,}")
_RAW = re.compile(r"^[a-z][a-z0-9]*(?:[_.][a-z0-9]+)+$")


class Words(msgspec.Struct, frozen=True):
    """What is not the program's own to translate: words that stand in the database, and what its catalogue knows."""

    own: frozenset[str]
    """Names, titles, reasons: what people wrote or imported."""
    english: frozenset[str]
    """Every sentence of the English catalogue."""


def read(page: str, language: str) -> Iterator[str]:
    """Every text of a page that is in the page's own language."""
    at, skipping, depth = 0, "", 0
    for found in _TAG.finditer(page):
        closing, name, inside = found[1], (found[2] or "").lower(), found[3] or ""
        if not skipping and (said := _tidy(page[at : found.start()])):
            yield said
        at = found.end()
        if skipping:
            depth += 0 if name != skipping else -1 if closing else 0 if inside.endswith("/") else 1
            skipping = skipping if depth else ""
            continue
        if closing or not name:
            continue
        if name not in _VOID and (name in _UNREAD or _foreign(inside, name)) and not inside.endswith("/"):
            skipping, depth = name, 1
            continue
        yield from filter(None, (_tidy(value) for _, value in _SAID.findall(inside)))


def _foreign(attributes: str, name: str) -> bool:
    """Whether an element says of itself that it is in a language of its own."""
    return name != "html" and _LANG.search(attributes) is not None


def _tidy(text: str) -> str:
    return " ".join(html.unescape(text).split())


def left_chinese(page: str, words: Words, known: dict[str, bool]) -> list[str]:
    """What an English page still says in Chinese, though nobody wrote it into the database. `known` remembers what was judged before."""
    return [said for said in read(page, "en") if CHINESE.search(said) and not _known(said, words, known)]


def _known(said: str, words: Words, known: dict[str, bool]) -> bool:
    if said not in known:
        known[said] = not CHINESE.search(_without(said, words.own))
    return known[said]


def _without(said: str, own: Iterable[str]) -> str:
    """A text less the words of the database that it quotes, the longest first, and less masked names."""
    if said in own or (len(said) == 1 and any(said in word for word in own)):
        return ""  # a letter of somebody's name, in a circle
    said = said.replace(_BRAND, " ")
    for word in sorted((word for word in own if word in said), key=len, reverse=True):
        said = said.replace(word, " ")
    return _MASKED.sub(" ", said)


def left_english(page: str, words: Words) -> list[str]:
    """What a Chinese page says in English: a catalogue's sentence, three words on end, a code that nobody put into words, a place not filled."""
    found = []
    for said in read(page, "zh"):
        if said in words.own:
            continue
        plain = not CHINESE.search(said)
        if _LEFT_OVER.search(said) or (plain and (_WORDS.search(said) or _RAW.match(said) or (said in words.english and " " in said))):
            found.append(said)
    return found
