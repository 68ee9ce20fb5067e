"""The pages of receipts speak Chinese first and English by their catalogue; no sentence is left out and none is unmarked."""

from pathlib import Path

import core
from core.web import extraction
from tests import desk as desks


def test_every_sentence_of_the_receipts_pages_has_an_english_one(app):
    folder = Path(core.__file__).parent / "receipts"
    assert extraction.missing([folder]) == {}
    assert extraction.bare_chinese([folder]) == []


async def test_the_list_is_read_in_english_by_a_switch(platform, client, staff):
    reader = await staff(await desks.opened(platform, client), "receipts.receipt.read")
    page = (await reader.get("/console/receipts?lang=en")).text
    assert "No receipts match" in page
    assert "没有符合条件" not in page
