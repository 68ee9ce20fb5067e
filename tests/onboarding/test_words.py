"""The pages of onboarding speak Chinese first and English by their catalogue."""

import re
from pathlib import Path

import pytest

import core
from core.web import extraction


def test_every_sentence_has_an_english_one(app):
    folder = Path(core.__file__).parent / "onboarding"
    assert extraction.missing([folder]) == {}
    assert extraction.bare_chinese([folder]) == []


@pytest.mark.parametrize("stage", ["draft", "bank_review", "channel_review", "signing", "active"])
async def test_the_pages_are_read_in_english_by_a_switch(desk, stage):
    case_id = await desk.until(stage)
    pages = (desk.signatory, f"/console/onboarding/{case_id}?lang=en"), (desk.branch, f"/bank/clients/{desk.client.id}/onboarding/{case_id}?lang=en")
    for who, path in pages:
        page = (await who.get(path)).text
        headings = " ".join(re.findall(r"<(?:h[1-4]|th|dt|label|button)[^>]*>(.*?)</", page, re.DOTALL))
        assert "Attachments" in headings
        assert not [word for word in ("附件", "资料", "经过", "费率") if word in headings]
