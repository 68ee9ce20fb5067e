"""The money pages speak Chinese first and English by their catalogues; no sentence is left out and none is unmarked."""

from pathlib import Path

import pytest

import core
from core.web import extraction

FEATURES = ("approvals", "billing", "cashier", "counter", "exports", "files", "imports", "jobs", "ledger", "payers", "payments", "reports")


@pytest.mark.parametrize("feature", FEATURES)
def test_every_sentence_of_the_money_pages_has_an_english_one(app, feature):
    folder = Path(core.__file__).parent / feature
    assert extraction.missing([folder]) == {}
    assert extraction.bare_chinese([folder]) == []


async def test_a_page_is_read_in_english_by_a_switch(client, staff):
    reader = await staff(await client(plugins=()), "billing.bill.read")
    page = (await reader.get("/console/bills?lang=en")).text
    assert "No bills match" in page
    assert "没有符合条件" not in page
