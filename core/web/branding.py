"""A client's own face: its name, logo and colour, with the colour made readable whatever the client chose."""

import re

import msgspec

from core.errors import NotFound

DEFAULT_COLOUR = "#0f6b57"
WHITE, NIGHT = (255, 255, 255), (25, 25, 25)
AA = 4.5
"""WCAG 2.2 contrast of text against its ground, level AA."""

_HEX = re.compile(r"#?([0-9a-fA-F]{6})")


class Branding(msgspec.Struct, frozen=True):
    """What a layout shows of a client; `colour` is `#rrggbb`, `phone` the line payers may call."""

    name: str
    colour: str = DEFAULT_COLOUR
    logo_url: str = ""
    short_name: str = ""
    bank_name: str = ""
    phone: str = ""

    @property
    def stylesheet(self) -> str:
        """The address of the small stylesheet that carries the client's colour."""
        found = _HEX.fullmatch(self.colour or "")
        return f"/brand/{(found.group(1) if found else DEFAULT_COLOUR[1:]).lower()}.css"


Rgb = tuple[int, int, int]


def _luminance(colour: Rgb) -> float:
    linear = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Rgb, other: Rgb) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _towards(colour: Rgb, goal: Rgb, step: int) -> Rgb:
    return tuple(c + (g - c) * step // 20 for c, g in zip(colour, goal, strict=True))


def readable(colour: Rgb, ground: Rgb, ratio: float = AA) -> Rgb:
    """The nearest shade of a colour that can be read on a ground: darker on a light one, lighter on a dark one."""
    goal = (0, 0, 0) if _luminance(ground) > 0.4 else WHITE
    return next((shade for step in range(21) if contrast(shade := _towards(colour, goal, step), ground) >= ratio), goal)


def _css(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def stylesheet(hex_colour: str) -> str:
    """The client's colour as CSS variables for light and dark pages: fill, text on it, coloured text, soft ground."""
    found = _HEX.fullmatch(hex_colour)
    if not found:
        raise NotFound()
    value = int(found.group(1), 16)
    chosen = (value >> 16, value >> 8 & 255, value & 255)
    fill = readable(chosen, WHITE)
    night_text = readable(chosen, NIGHT, 5.5)
    light = f"--brand:{_css(fill)};--brand-text:{_css(fill)};--brand-soft:{_css(_towards(fill, WHITE, 18))}"
    dark = f"--brand:{_css(fill)};--brand-text:{_css(night_text)};--brand-soft:{_css(_towards(fill, NIGHT, 15))}"
    return f":root{{{light}}}\n@media (prefers-color-scheme:dark){{.h5{{{dark}}}}}\n"
