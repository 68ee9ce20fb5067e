"""Orders for tests: vector M1 of the domain book, 486.40 of which 74.56 are the patient's, placed by a program or by HIS."""

import msgspec
from sqlalchemy import text

from core import ids
from plugins.medical.insurance.schemas import Insurance
from plugins.medical.orders import service
from plugins.medical.orders.schemas import Item, OrderAsk

API = "/api/v1/medical/orders"
M1 = Insurance(setl_id="SETL1", medfee_sumamt=48_640, fund_pay_sumamt=29_184, acct_pay=12_000, psn_cash_pay=7_456)
ITEMS = (Item("西药费", "阿莫西林胶囊", 2, 12_320, 24_640), Item("检查费", "腹部彩超", 1, 24_000, 24_000))
SECRETS = ("阿莫西林", "腹部彩超", "肺部感染")
"""Names of items and the vendor's own title: never outside the patient's own page."""


def ask(**given) -> OrderAsk:
    """M1 for P0001 at the window of 内科门诊."""
    facts = {
        "his_bill_no": "HB1", "patient_no": "P0001", "department_code": "NK", "scene": "window", "kind": "outpatient", "title": "肺部感染复查",
        "total_fen": 48_640, "items": ITEMS, "insurance": M1,
    }  # fmt: skip
    return OrderAsk(**{**facts, **given})


def body(**given) -> dict:
    """The same as a program sends it."""
    plain = msgspec.to_builtins(ask(**given))
    return plain | {"items": [item | {"quantity": float(item["quantity"])} for item in plain["items"]]}


def headers(key, once: str = "") -> dict:
    """A program's key and an idempotency key of its own."""
    return key.headers | {"idempotency-key": once or ids.token()}


async def place(platform, hospital, vendor: str = "", settings=None, **given):
    """An order straight through the service."""
    async with platform.database.tenant(hospital.id) as session:
        keys = await platform.vault.keys(session)
        row = await session.one(text("SELECT * FROM medical.vendor WHERE app_id = :id"), {"id": vendor}) if vendor else None
        return await service.place(session, keys, ask(**given), hospital.maker, row, settings)


async def rows(platform, hospital, sql: str, **given) -> list:
    """What lies in a table."""
    async with platform.database.tenant(hospital.id) as session:
        return list(await session.all(text(sql), given))
