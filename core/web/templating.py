"""Pages: one Jinja environment, and `render` and `redirect` for the handlers."""

import contextlib
import hashlib
import os
import sys
from collections.abc import Iterable
from contextvars import ContextVar
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import msgspec
from jinja2 import ChoiceLoader, Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from litestar import Request, Response
from markupsafe import Markup, escape

from core.web import filters, flash, i18n, proof, static_files
from core.web.branding import Branding
from core.web.error_words import error_words
from core.web.flash import Flash
from core.web.lists import ListChoice, kept, page_key, same, without
from core.web.menu import MenuGroup, current_path

TEMPLATES = Path(__file__).parent / "templates"
COMPILED = Path(__file__).parent / "__pycache__" / "templates"
"""Where compiled templates stay, as compiled modules do: a page's first reader after a start waits for no compiler."""
CSRF_FIELD = "_csrf_token"
PLATFORM = Branding(name="榕 Banyan")


class Person(msgspec.Struct, frozen=True):
    """Who is logged in, as the layouts show it."""

    display_name: str
    role_label: str = ""


class Page(msgspec.Struct, frozen=True):
    """What the shell knows of the request while one page is drawn."""

    path: str = "/"
    query: str = ""
    locale: str = i18n.SOURCE
    csrf_token: str = ""
    actor: Person | None = None
    menu: list[MenuGroup] = []
    client: Branding = PLATFORM
    flash: list[Flash] = []
    refresh_seconds: int | None = None
    lists: dict[str, ListChoice] | None = None
    """The reader's views and columns by page; none for who keeps none (a visitor, nobody)."""
    listed: set[str] = set()
    """The tables of this page that have filters, told by the macros as they are drawn."""
    clear_exports: frozenset[str] = frozenset()
    """The lists of which the reader may ask for a file with names in clear."""
    visitor: object = None
    """Who of the bank's support looks at this page (`name`, `until_at`, `purpose`), if anybody does."""

    @property
    def menu_path(self) -> str:
        return current_path(self.menu, self.path)


_NO_PAGE = Page()
_page: ContextVar[Page] = ContextVar("page", default=_NO_PAGE)


def url_with(**changes: object) -> str:
    """The address of this page with some query values changed; `None` and `""` take a value out."""
    page = _page.get()
    kept = [(k, v) for k, v in parse_qsl(page.query) if k not in changes]
    added = [(k, str(v)) for k, v in changes.items() if v is not None and v != ""]
    query = urlencode(kept + added)
    return f"{page.path}?{query}" if query else page.path


def query_value(name: str) -> str:
    """One value of this page's query, or nothing."""
    return dict(parse_qsl(_page.get().query)).get(name, "")


def query_pairs(*without: str) -> list[tuple[str, str]]:
    """Name and value of everything in this page's query, but for some names."""
    return [(k, v) for k, v in parse_qsl(_page.get().query) if k not in without]


def page_path() -> str:
    """The address of this page without its query."""
    return _page.get().path


def list_begins(table: str) -> str:
    """A table of this page is a list with filters: it gets views and columns to choose."""
    _page.get().listed.add(table)
    return ""


def list_choice(table: str) -> ListChoice | None:
    """The reader's views and columns of this list; none where the table is no list, or the reader keeps none."""
    page = _page.get()
    return None if page.lists is None or table not in page.listed else page.lists.get(page_key(page.path), ListChoice())


def page_query() -> str:
    """What this page's address asks for, without the place in the list."""
    return urlencode(query_pairs("cursor", "lang"))


def clear_export(action: str) -> str:
    """Where the reader asks for an export with names in clear, with this page's filters; nothing where that is not theirs to ask."""
    page = _page.get()
    if action.rpartition("/")[2] not in page.clear_exports:
        return ""
    return f"{action}/clear?{urlencode([*query_pairs('cursor', 'lang'), ('_page', page.path)])}"


def csrf_field() -> Markup:
    """The hidden field that proves a form came from our own page."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, _page.get().csrf_token)


def element_id(*parts: object) -> str:
    """A stable id for an element made from what it stands for."""
    return "x" + hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:10]


class _AsRead(CodeGenerator):
    """Leaves what filters make of constants to the moment of reading: their words are the reader's, not those of whoever came first."""

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: object) -> str:
        if not isinstance(node, nodes.TemplateData | nodes.Const):
            raise nodes.Impossible()
        return super()._output_child_to_const(node, frame, finalize)


class _Templates(Environment):
    code_generator_class = _AsRead


def environment(template_dirs: Iterable[Path] = ()) -> Environment:
    """The template environment: the shell's folder first, then each feature's and plugin's own."""
    made = _Templates(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in (TEMPLATES, *template_dirs)]),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=_compiled(),
        optimized=False,  # as `_AsRead`, outside of what is put out
    )
    made.install_gettext_callables(i18n.gettext, _plural, newstyle=True)
    filters.install(made)
    made.globals |= {
        "_": sentence,
        "gettext": sentence,
        "asset": static_files.asset,
        "icon": static_files.icon,
        "url_with": url_with,
        "query_value": query_value,
        "query_pairs": query_pairs,
        "page_path": page_path,
        "clear_export": clear_export,
        "csrf_field": csrf_field,
        "element_id": element_id,
        "error_words": error_words,
        "languages": i18n.LANGUAGES,
        "labelled": i18n.labelled,
        "several": i18n.several,
        "list_begins": list_begins,
        "list_choice": list_choice,
        "page_query": page_query,
        "same_query": same,
        "without_cells": without,
        "kept_columns": kept,
    }
    return made


def _compiled() -> FileSystemBytecodeCache | None:
    """Templates that a process of this very module compiled; none where nothing may be written, as in a read-only installation."""
    if sys.dont_write_bytecode:
        return None
    with contextlib.suppress(OSError):
        COMPILED.mkdir(parents=True, exist_ok=True)
        if os.access(COMPILED, os.W_OK):
            return FileSystemBytecodeCache(str(COMPILED), f"{hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]}.%s")
    return None


def sentence(message: str | None, **facts: object) -> Markup:
    """A sentence of a page in the reader's language. Also where it is a value that somebody wrote (`_(rule.title)`) it is escaped like everything,
    and its percent signs stay what they are; in a sentence of a template a percent sign is written `%%`."""
    text = escape(i18n.gettext(message or ""))
    return text % facts if facts else text.replace("%%", "%")


def _plural(one: str, many: str, n: int) -> str:
    return i18n.translations(i18n.locale()).ngettext(one, many, n)


def _person(actor: object) -> Person | None:
    if actor is None or isinstance(actor, Person):
        return actor
    return Person(display_name=actor.display_name, role_label=getattr(actor, "role_label", "") or "")


def page_of(request: Request, refresh_seconds: int | None = None) -> Page:
    """Gather what the layouts need from a request's state."""
    state = request.state
    return Page(
        path=request.url.path,
        query=request.url.query or "",
        locale=i18n.locale(),
        csrf_token=proof.masked(state.get("csrf_token") or ""),
        actor=_person(state.get("actor")),
        menu=state.get("menu") or [],
        client=state.get("client") or PLATFORM,
        flash=flash.read(request),
        refresh_seconds=refresh_seconds,
        visitor=state.get("visitor"),
        lists=state.get("lists"),
        clear_exports=state.get("clear_exports") or frozenset(),
    )


def draw(made: Environment, template: str, page: Page, context: dict[str, object]) -> str:
    """Draw a template for a page; the shell's own names cannot be shadowed by the context."""
    token = _page.set(page)
    try:
        shell = {name: getattr(page, name) for name in page.__struct_fields__}
        return made.get_template(template).render(**context | shell | {"page": page})
    finally:
        _page.reset(token)


def render(request: Request, template: str, *, status: int = 200, refresh_seconds: int | None = None, **context: object) -> Response[str]:
    """Answer with a page; the environment is the one the composition root put at `app.state.templates`."""
    page = page_of(request, refresh_seconds)
    html = draw(request.app.state.templates, template, page, {"request": request, **context})
    response = Response(html, status_code=status, media_type="text/html")
    response.headers["Cache-Control"] = "no-store"
    if page.flash:
        response.set_cookie(flash.cleared())
    return response


def redirect(request: Request, path: str, *, undo: tuple[str, dict[str, str]] | None = None, **messages: str) -> Response[None]:
    """Send the browser to another page of ours (303), with sentences to show there: `success=…`, `danger=…`.

    `undo` is where the button beside the sentence posts, and what: only for what can be taken back whole.
    """
    by_htmx = request.headers.get("HX-Request") == "true"
    response: Response[None] = Response(None, status_code=200 if by_htmx else 303)
    response.headers["HX-Redirect" if by_htmx else "Location"] = path
    action, fields = undo or ("", {})
    shown = [Flash(flash.TONES[tone], text, action, fields) for tone, text in messages.items() if text]
    if shown:
        response.set_cookie(flash.written(shown))
    return response
