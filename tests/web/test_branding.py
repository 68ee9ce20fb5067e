"""A client may choose any colour; its pages stay readable."""

import re

import pytest

from core.web.branding import NIGHT, WHITE, Branding, contrast


def _rgb(text: str) -> tuple[int, int, int]:
    return tuple(int(text[i : i + 2], 16) for i in (1, 3, 5))


@pytest.mark.parametrize("colour", ["#1f5fa8", "#ffee00", "#ffffff", "#000000", "#07c160", "#ff6600"])
def test_every_colour_is_made_readable_in_light_and_dark(shell, colour):
    css = shell.get(Branding(name="x", colour=colour).stylesheet).text
    fills, texts = re.findall(r"--brand:(#\w+)", css), re.findall(r"--brand-text:(#\w+)", css)
    assert all(contrast(_rgb(fill), WHITE) >= 4.5 for fill in fills)
    assert contrast(_rgb(texts[0]), WHITE) >= 4.5
    assert contrast(_rgb(texts[1]), NIGHT) >= 4.5


@pytest.mark.parametrize("colour", ["red", "", "#12", "#123456;}body{display:none"])
def test_what_is_no_colour_falls_back_to_the_banks(colour):
    assert Branding(name="x", colour=colour).stylesheet == "/brand/0f6b57.css"
