"""A hundred differences of the kinds of M3 in a day of five thousand orders, HIS's own statement as the business side: all are found, none is false."""

import datetime as dt
import io
import random

import pytest

from core.clock import SHANGHAI
from core.identity.actor import system
from core.reconciliation.matching import found_repository
from core.reconciliation.runs import service as runs
from core.statements import receiving
from plugins.medical.his import statement as his
from tests.reconciliation.loading import load, row

DAY, NEXT = dt.date(2026, 3, 1), dt.date(2026, 3, 2)
SEED, ORDERS, EACH = 20_260_301, 5_000, 20
KINDS = ("LG1", "LG2", "SH1", "DP1", "AM1")
WAYS = {"wechatpay": "微信", "alipay": "支付宝"}


class TheDay:
    """What the three sides say of a day, with what was seeded: `{number: class}`."""

    def __init__(self) -> None:
        self.dice, self.seeded, self.business = random.Random(SEED), {}, []
        self.platform, self.channel, self.late = {way: [] for way in WAYS}, {way: [] for way in WAYS}, {way: [] for way in WAYS}
        wrong = dict(zip(self.dice.sample(range(ORDERS), EACH * len(KINDS)), KINDS * EACH, strict=True))
        for n in range(ORDERS):
            self.order(n, wrong.get(n, ""))
        self.dice.shuffle(self.business)

    def order(self, n: int, kind: str) -> None:
        """One order as each side tells it; a seeded one is wrong at one side."""
        number, bill, fen = f"0B260301{n:012d}", f"B{n:06d}", self.dice.randrange(1, 300_000)
        way = self.dice.choice(tuple(WAYS))
        at = dt.datetime.combine(DAY, dt.time(7), SHANGHAI) + dt.timedelta(seconds=self.dice.randrange(14 * 3600))
        insured = self.dice.choice((0, 0, self.dice.randrange(1, 500_000)))
        if kind not in ("LG1", "LG2"):
            self.business.append(line(n, number, WAYS[way], fen, insured, at))
        if kind != "LG1":
            self.pay(self.platform[way], way, number, fen, at, bill)
        other = fen + self.dice.choice((-1, 1, 100)) if kind == "AM1" and fen > 1 else fen + (kind == "AM1")
        self.pay(self.late[way] if kind == "SH1" else self.channel[way], way, number, other, at)
        if kind == "DP1":
            twin = number[:-1] + "X"
            self.pay(self.platform[way], way, twin, fen, at + dt.timedelta(minutes=3), bill)
            self.pay(self.channel[way], way, twin, fen, at + dt.timedelta(minutes=3))
        if kind:
            self.seeded[number if kind != "DP1" else number[:-1] + "X"] = kind

    @staticmethod
    def pay(rows: list, way: str, number: str, fen: int, at: dt.datetime, bill: str | None = None) -> None:
        rows.append(row(way, "pay", number, fen, order_number=number, bill_number=bill, happened_at=at, channel_number=f"42{number}", status="succeeded"))

    def his_file(self) -> bytes:
        """HIS's statement as it comes, with what passes no channel among the rest."""
        nine = dt.datetime.combine(DAY, dt.time(9), SHANGHAI)
        desk = [line(900_000 + n, "", "现金" if n % 2 else "医保", self.dice.randrange(1, 90_000), 0, nine) for n in range(200)]
        lines = [*self.business, *desk]
        return ("\r\n".join([",".join(his.LAYOUT), *lines]) + "\r\n").encode("utf-8-sig")


def line(n: int, number: str, way: str, cash: int, insured: int, at: dt.datetime) -> str:
    """A row of HIS's statement: what the insurer bears stands beside the cash and is compared with nothing."""
    yuan = "{:.2f}".format
    cells = {
        "业务日期": DAY.isoformat(), "HIS流水号": f"HIS{n:012d}", "患者编号": f"P{n:06d}", "姓名(掩码)": "张*明", "业务类型": "门诊", "收费员": "C01",
        "窗口": "1号窗口", "支付方式": way, "商户订单号": number, "交易金额": yuan((cash + insured) / 100), "医保统筹": yuan(insured / 100),
        "个人账户": "0.00", "现金支付": yuan(cash / 100), "交易时间": at.strftime("%Y-%m-%d %H:%M:%S"), "原HIS流水号": "",
    }  # fmt: skip
    return ",".join(cells[name] for name in his.LAYOUT)


async def hand_in(platform, hospital, day: dt.date, content: bytes, ours: dict, channel: dict) -> None:
    """HIS's file through the door, the other sides as they are stored."""
    verdict = await receiving.receive(
        platform, hospital.id, source="his", day=day, file_name=f"his-{day}.csv", path_or_stream=io.BytesIO(content), by=system(hospital.id), origin="api"
    )
    assert not verdict.refused and not verdict.reject_rows, verdict
    async with platform.database.tenant(hospital.id) as session:
        await load(session, "platform", "platform", day.isoformat(), [each for rows in ours.values() for each in rows])
        for way, rows in channel.items():
            await load(session, f"{way}-trade", "channel", day.isoformat(), rows, way)


async def told(platform, hospital, day: dt.date) -> dict[str, tuple[str, str]]:
    async with platform.database.tenant(hospital.id) as session:
        return {each.number: (each.klass, each.status) for each in await found_repository.list_of_run(session, day)}


@pytest.mark.slow
async def test_a_hundred_seeded_differences_are_all_found_and_none_is_false(platform, client):
    hospital, day = await client(kind="hospital", plugins=("medical",)), TheDay()
    assert len(day.seeded) == 100 and len(day.business) == ORDERS - 2 * EACH
    await hand_in(platform, hospital, DAY, day.his_file(), day.platform, day.channel)
    result = await runs.run(platform, hospital.id, DAY, by=system(hospital.id))
    assert not result.missing and result.new == 100
    found = await told(platform, hospital, DAY)
    assert {number: klass for number, (klass, _) in found.items()} == day.seeded

    nothing = (",".join(his.LAYOUT) + "\r\n").encode("utf-8-sig")
    await hand_in(platform, hospital, NEXT, nothing, {}, day.late)
    again = await runs.run(platform, hospital.id, NEXT, by=system(hospital.id))
    assert again.new == 0, "what the channel settled a day later is no difference of the day after"
    healed = {number for number, (_, status) in (await told(platform, hospital, DAY)).items() if status == "auto_resolved"}
    assert healed == {number for number, klass in day.seeded.items() if klass == "SH1"}
    assert sum(status == "open" for _, status in (await told(platform, hospital, NEXT)).values()) == 80, "the others stand until somebody acts"
