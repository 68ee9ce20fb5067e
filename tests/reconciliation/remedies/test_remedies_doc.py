"""docs/reconciliation.md is true: every journal it shows is posted by a running system and compared, and what it offers is offered."""

import re
from pathlib import Path

import pytest
from sqlalchemy import text

from core.money import yuan
from core.reconciliation.remedies.offering import FITTING

TEXT = (Path(__file__).parents[3] / "docs" / "reconciliation.md").read_text()
JOURNALS = {
    name: sorted((side, account, yuan(fen)) for side, account, fen in (line.split() for line in body.strip().splitlines()))
    for name, body in re.findall(r"```journal (.+)\n((?:.*\n)+?)```", TEXT)
}
WORDS = {"query": "requery", "write off": "write_off"}


async def shown(house, journal_id) -> list[tuple[str, str, int]]:
    return sorted(("Dr" if fen > 0 else "Cr", account, abs(fen)) for account, fen in await house.journal(journal_id))


async def posted(house, kind: str):
    """The journal that a remedy of the story posts."""
    if kind in ("book", "credit", "refund"):
        difference_id = await house.differ("LG1")
        async with house.tenant() as session:
            number = await session.scalar(text("SELECT number FROM core.bill WHERE id = :id"), {"id": house.bills[0]})
        remedy = await house.remedy(await house.done(difference_id, kind, target={"bill_number": number} if kind == "credit" else {}))
        if kind != "refund":
            return remedy.journal_id
        await house.work()
        async with house.tenant() as session:
            return await session.scalar(text("SELECT journal_id FROM core.refund_item WHERE refund_id = :id"), {"id": remedy.refund_id})
    if kind == "adjust":
        return (await house.remedy(await house.done(await house.differ("FE1", 12, platform_fee_fen=60, channel_fee_fen=72), kind))).journal_id
    difference_id = await house.differ("SH1", 7_500)
    chase = await house.done(difference_id, "chase")
    return (await house.remedy(chase if kind == "chase" else await house.done(difference_id, kind))).journal_id


@pytest.mark.parametrize("kind", ["book", "credit", "refund", "chase", "write_off", "adjust"])
async def test_the_journals_are_those_a_running_system_writes(house, kind):
    assert await shown(house, await posted(house, kind)) == JOURNALS[kind]


def test_the_page_offers_what_is_offered():
    table = dict(re.findall(r"^\| ([A-Z0-9, ]+) \| (.+) \|$", TEXT, re.MULTILINE))
    told = {}
    for classes, offered in table.items():
        kinds = tuple(WORDS.get(word, word) for word in re.sub(r" \(.*?\)", "", offered).split(" · "))
        told |= dict.fromkeys(classes.split(", "), kinds)
    assert {klass: told.get(klass) for klass in FITTING} == FITTING
