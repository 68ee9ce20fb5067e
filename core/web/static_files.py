"""Static files and icons: addresses with a content hash, so that browsers may keep them for good."""

import hashlib
from functools import cache
from pathlib import Path

import msgspec
from markupsafe import Markup, escape

STATIC = Path(__file__).parent / "static"
ICONS = STATIC / "vendor" / "tabler-icons.json"
ADDRESS = "/static"


@cache
def asset(name: str) -> str:
    """The address of a static file, changing with its content: `/static/banyan.css?v=1a2b3c4d`."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"{ADDRESS}/{name}?v={digest}"


@cache
def _drawings() -> dict[str, msgspec.Raw]:
    return msgspec.json.decode(ICONS.read_bytes(), type=dict[str, msgspec.Raw])


@cache
def icon(name: str, size: int = 20) -> Markup:
    """A tabler outline icon as inline SVG, hidden from screen readers; an unknown name raises."""
    shapes = msgspec.json.decode(_drawings()[name], type=list[tuple[str, dict[str, str]]])
    body = Markup("").join(
        Markup("<{tag} {attributes}/>").format(
            tag=Markup(escape(tag)),
            attributes=Markup(" ").join(Markup('{}="{}"').format(key, value) for key, value in attributes.items()),
        )
        for tag, attributes in shapes
    )
    return Markup(
        '<svg class="by-icon" width="{size}" height="{size}" viewBox="0 0 24 24" fill="none" stroke="currentColor"'
        ' stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">'
        "{body}</svg>"
    ).format(size=size, body=body)
