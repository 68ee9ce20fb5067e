"""Languages: Simplified Chinese is written in the code, every other language is a gettext catalogue read at start.

The language of a request is `?lang=en` → cookie → Chinese; it travels in a context variable, so that `gettext` needs no request.
"""

import gettext as gnu
from collections.abc import Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from http.cookies import CookieError, SimpleCookie
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

SOURCE = "zh"
LANGUAGES = {"zh": "简体中文", "en": "English"}
COOKIE = "banyan_lang"
DOMAIN = "banyan"
COOKIE_SECONDS = 365 * 24 * 3600

_locale: ContextVar[str] = ContextVar("locale", default=SOURCE)
_folders: list[Path] = [Path(__file__).parent / "translations"]


def locale() -> str:
    """The language of the request at hand: `zh` or `en`."""
    return _locale.get()


@contextmanager
def speaking(language: str):
    """Use a language for a block of code: a letter to an English reader, a test."""
    token = _locale.set(language if language in LANGUAGES else SOURCE)
    try:
        yield
    finally:
        _locale.reset(token)


def N_(message: str) -> str:
    """Mark a sentence for the catalogues without translating it yet: for tables of labels."""
    return message


def gettext(message: str, **facts: object) -> str:
    """A sentence in the language of the request; `%(name)s` places are filled from the facts."""
    text = translations(locale()).gettext(message) if message else ""
    return text % facts if facts else text


def ngettext(one: str, many: str, n: int, **facts: object) -> str:
    """A counted sentence: `ngettext("%(n)s 张账单", "%(n)s 张账单", 3)`."""
    return translations(locale()).ngettext(one, many, n) % {"n": n, "num": n, **facts}


def several(message: str) -> str:
    """What a list of a thing is called: one `差异` is a “Difference”, the menu and the heading over them say “Differences”."""
    told = translations(locale()).ngettext(message, message, 2)
    return gettext(message) if told == message else told


def listed(words: Iterable[object], between: str = N_("、")) -> str:
    """Words in a row as the language of the request writes them: `甲、乙`, `A, B`; whole sentences stand between `；`."""
    return gettext(between).join(str(word) for word in words)


def labelled(label: object, text: object) -> str:
    """What something is called, in words of the catalogue where it knows them, and what it says: `姓名：王小明`, `Name: 王小明`."""
    return gettext("%(label)s：%(text)s", label=gettext(str(label)), text=text)


def add_catalogues(folder: Path) -> None:
    """Add a plugin's `translations/` folder; its words come after those already known and do not replace them."""
    if folder not in _folders:
        _folders.append(folder)
        translations.cache_clear()


def catalogue(language: str) -> Catalog:
    """Every known message of one language, core's and the plugins' together."""
    merged = Catalog(locale=language, domain=DOMAIN)
    for folder in _folders:
        path = folder / language / "LC_MESSAGES" / f"{DOMAIN}.po"
        if path.exists():
            with path.open("rb") as file:
                for message in read_po(file, locale=language):
                    if message.id and message.id not in merged:
                        merged[message.id] = message
    return merged


@cache
def translations(language: str) -> gnu.NullTranslations:
    """The compiled catalogue of one language, made in memory on first use."""
    if language == SOURCE:
        return gnu.NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return gnu.GNUTranslations(compiled)


def asked_language(scope: Scope) -> str | None:
    """The language that `?lang=` names, when it is one we speak."""
    if not scope.get("query_string"):
        return None
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("lang", [""])[-1]
    return asked if asked in LANGUAGES else None


def _remembered_language(scope: Scope) -> str:
    raw = next((value for name, value in scope["headers"] if name == b"cookie"), b"").decode("latin-1")
    if COOKIE not in raw:
        return SOURCE
    try:
        morsel = SimpleCookie(raw).get(COOKIE)
    except CookieError:
        return SOURCE
    return morsel.value if morsel and morsel.value in LANGUAGES else SOURCE


class LanguageMiddleware:
    """Sets the language of each request, and remembers a choice made by `?lang=` in a cookie."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        asked = asked_language(scope)

        async def remember(message: Message) -> None:
            if message["type"] == "http.response.start" and asked:
                cookie = f"{COOKIE}={asked}; Path=/; Max-Age={COOKIE_SECONDS}; SameSite=Lax"
                message["headers"] = [*message["headers"], (b"set-cookie", cookie.encode())]
            await send(message)

        with speaking(asked or _remembered_language(scope)):
            await self.app(scope, receive, remember)
