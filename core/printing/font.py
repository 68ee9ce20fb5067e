"""The Chinese font of printed documents: Noto Serif SC, cut down to the characters one document uses.

The whole font knows 30,000 characters, rare ones in names included (𬭎, 䶮); HarfBuzz takes out the few a document needs in a millisecond.
"""

import contextlib
import functools
import os
import tempfile
from collections.abc import Iterator

import pylopdf_fonts_zh_cn
import uharfbuzz


@functools.cache
def _whole() -> uharfbuzz.Face:
    return uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(pylopdf_fonts_zh_cn.serif_path())))


@functools.cache
def _known() -> frozenset[int]:
    return frozenset(_whole().unicodes)


def writable(text: str) -> str:
    """The text with whatever the font has no sign for (emoji, private signs) shown as 〓, as printers do."""
    return "".join(c if ord(c) in _known() else "〓" for c in text if c >= " ")


def subset(text: str) -> bytes:
    """An OpenType font with just the characters of a text."""
    wanted = uharfbuzz.SubsetInput()
    wanted.sets(uharfbuzz.SubsetInputSets.UNICODE).set({ord(c) for c in text} | {0x20})
    wanted.layout_feature_tag_set.clear()
    return bytes(uharfbuzz.subset(_whole(), wanted).blob.data)


@contextlib.contextmanager
def font_file(text: str) -> Iterator[str]:
    """The same as a file, for as long as the block lasts."""
    descriptor, path = tempfile.mkstemp(suffix=".otf")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(subset(text))
        yield path
    finally:
        os.unlink(path)
