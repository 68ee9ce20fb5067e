"""A sample hospital's last month as plain data: who came, what was asked, who bore it. The same day gives the same month; no database here."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from random import Random

import msgspec

from plugins.medical.insurance.schemas import Insurance
from plugins.medical.orders.schemas import Item, OrderAsk

DAYS, ONE = 30, Decimal(1)
DEPARTMENTS = ("XN", "XH", "GK", "FC", "JZ", "EK", "KQ")
DOCTORS = ("林医生", "黄医生", "蔡医生", "许医生", "曾医生")
GOODS = (
    ("西药费", "阿托伐他汀钙片", 4_280), ("西药费", "奥美拉唑肠溶胶囊", 2_650), ("西药费", "布洛芬缓释胶囊", 1_890), ("化验费", "血常规", 2_000),
    ("化验费", "生化全套", 12_600), ("检查费", "心电图", 3_500), ("检查费", "腹部彩超", 12_000), ("检查费", "胸部 CT", 26_000),
    ("治疗费", "静脉输液", 1_500), ("治疗费", "理疗", 4_000),
)  # fmt: skip
WINDOW, KIOSK, INTERNET = "window-sys", "kiosk", "inet"
SCENES = {WINDOW: "window", KIOSK: "selfservice", INTERNET: "internet"}
VENDORS = ((WINDOW, "窗口系统厂商", ("window",)), (KIOSK, "自助机厂商", ("selfservice",)), (INTERNET, "互联网医院厂商", ("internet",)))

TODAY = (
    *((WINDOW, "window"),) * 5, (WINDOW, "lost"), (WINDOW, "open"), (WINDOW, "open"), (KIOSK, "open"), (INTERNET, "open"), (INTERNET, "open"),
    (KIOSK, "cancelled"),
)  # fmt: skip


class Told(msgspec.Struct, frozen=True):
    """An order with its visit's day and the vendor that sends it; `paid` says how: pos, insured (all of it), window (in this
    morning's shift), lost (HIS will refuse to hear of it), open, cancelled."""

    on: dt.date
    department: str
    doctor: str
    vendor: str
    ask: OrderAsk
    paid: str


def month(today: dt.date, patients: list[str], insured: set[str]) -> Iterator[Told]:
    """Past days paid by card at windows and machines or wholly by the insurer, today what came over the counter and what waits for its payer."""
    draw, number = Random(20260301), 0
    for ago in range(DAYS, 0, -1):
        on = today - dt.timedelta(days=ago)
        for _ in range(draw.randint(1, 3) if on.weekday() >= 5 else draw.randint(3, 5)):
            number += 1
            vendor = draw.choices((WINDOW, KIOSK, INTERNET), (5, 4, 1))[0]
            yield _order(draw, number, on, draw.choice(patients), insured, vendor, "insured" if vendor == INTERNET else "pos")
    for vendor, paid in TODAY:
        number += 1
        yield _order(draw, number, today, patients[number % len(patients)], insured, vendor, paid)


def _order(draw: Random, number: int, on: dt.date, patient_no: str, insured: set[str], vendor: str, paid: str) -> Told:
    registers = paid != "insured" and draw.random() < 0.35
    items = (Item("挂号费", "普通门诊", ONE, 2_000, 2_000),) if registers else tuple(
        Item(category, name, ONE, fen, fen) for category, name, fen in draw.sample(GOODS, draw.randint(2, 4))
    )  # fmt: skip
    total = sum(item.amount_fen for item in items)
    code, his_no = draw.choice(DEPARTMENTS), f"MZ{on:%Y%m%d}{number:04d}"
    split = None
    if paid == "insured":
        split = _split(his_no, total, total * 65 // 100, total - total * 65 // 100, on)
    elif patient_no in insured and not registers and paid not in ("window", "lost"):
        split = _split(his_no, total, total * 60 // 100, total * 20 // 100, on)
    ask = OrderAsk(
        his_bill_no=his_no, patient_no=patient_no, visit_no=f"V{on:%Y%m%d}{number:04d}", department_code=code, scene=SCENES[vendor],
        kind="register" if registers else "outpatient", total_fen=total, items=items, insurance=split,
        vendor_order_no=f"{vendor.upper()}-{number:05d}",
    )  # fmt: skip
    return Told(on, code, draw.choice(DOCTORS), vendor, ask, paid)


def _split(number: str, total: int, fund: int, account: int, on: dt.date) -> Insurance:
    """The fund and the account bear their parts, the rest is the patient's cash; the identity holds by making the cash what is left."""
    return Insurance(
        setl_id=f"YB{number}", medfee_sumamt=total, hifp_pay=fund, fund_pay_sumamt=fund, acct_pay=account, psn_cash_pay=total - fund - account,
        settled_on=on,
    )  # fmt: skip
