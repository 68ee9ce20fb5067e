"""All eleven classes of the mixed samples, from their files: every open difference has a page, and a remedy that two people carry out."""

import datetime as dt

from sqlalchemy import text

from core.reconciliation.differences import details
from core.reconciliation.runs import service as runs
from core.statements import receiving
from tests.reconciliation.remedies.test_faces import MAKE, SEE
from tests.reconciliation.remedies.test_m3 import hospital
from tests.samples import SAMPLES

__all__ = ["hospital"]
MIXED = SAMPLES / "statements" / "mixed"
FILES = (
    ("his", "his-{}.csv"), ("platform", "platform-{}.csv"), ("wechatpay-trade", "wechatpay-trade-{}.csv"), ("alipay-trade", "alipay-trade-{}.zip"),
    ("unionpay", "unionpay-{}.zip"), ("stripe-balance", "stripe-balance-{}.csv"),
)  # fmt: skip
STAYS = {"chase"}


async def test_every_class_can_be_dealt_with(hospital, staff):
    for day in (dt.date(2026, 3, 1), dt.date(2026, 3, 2)):
        for source, name in FILES:
            name = name.format(day)
            given = {"source": source, "day": day, "file_name": name, "path_or_stream": MIXED / name, "by": hospital.maker, "origin": "cli"}
            verdict = await receiving.receive(hospital.platform, hospital.client.id, **given)
            assert verdict.verdict.startswith("accept"), verdict
        await runs.run(hospital.platform, hospital.client.id, day, by=hospital.maker)
    async with hospital.tenant() as session:
        rows = await session.all(text("SELECT id, code, class AS klass FROM core.recon_difference WHERE status = 'open' ORDER BY class, code"))
    assert len(rows) == 20
    maker = await staff(hospital.client, SEE, MAKE, name="经办甲")
    used: set[tuple[str, str]] = set()
    for row in rows:
        page = await maker.get(f"/console/differences/{row.id}")
        assert page.status_code == 200, (row.klass, page.text[:300])
        async with hospital.tenant() as session:
            found = await details.find(session, row.id, hospital.maker)
        kinds = [offer.kind for offer in found.offers if offer.checked and offer.kind not in ("credit", *STAYS)]
        assert kinds, row.klass
        kind = next((kind for kind in kinds if (row.klass, kind) not in used), kinds[0])
        used.add((row.klass, kind))
        remedy_id = await hospital.done(row.id, kind)
        assert (await hospital.remedy(remedy_id)).status in ("done", "running"), (row.klass, kind)
    await hospital.work()
    assert await hospital.faults() == {}
    assert {klass for klass, _kind in used} >= {"AM1", "LG1", "LG2", "LG3", "SH1", "SH2", "SH3", "DP1", "RF1", "RF2", "FE1"}
