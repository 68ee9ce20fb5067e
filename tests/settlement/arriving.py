"""A client with merchant numbers and a clearing account, what channels said, and the bank's statements as the bank writes them."""

import datetime as dt
import secrets
from uuid import UUID

from sqlalchemy import insert, select, text

from core import clock, ids
from core.identity.actor import system
from core.sandbox.bank import customers, statement
from core.sandbox.bank.book import Account, Entry
from core.settlement import arrivals, arrivals_faults, bank_accounts
from core.settlement.bank_accounts import Given
from core.settlement.models import arrival, bank_entry
from core.statements import receiving
from core.statements.models import merchant_number
from core.statements.models import statement as statements

DAY = clock.today() - dt.timedelta(days=10)
PRIVATE, PUBLIC = customers.new_pair()


class Clearing:
    """One client's clearing account, and the days that were told of it."""

    def __init__(self, platform, client) -> None:
        self.platform = platform
        self.client = client
        self.account = f"9900{secrets.randbelow(10**15):015d}"
        self.numbers: list[str] = []
        self.balances: dict[dt.date, int] = {}

    async def opened(self) -> "Clearing":
        given = Given(
            base_url="https://bank.invalid/bank/v1", customer="EB1", key_id="K1", private_key=PRIVATE, bank_public_key=PUBLIC,
            account_number=self.account, account_name="清算户", bank_name="榕城银行",
        )  # fmt: skip
        async with self.session() as session:
            keys = await self.platform.vault.keys(session)
            await bank_accounts.connect(session, keys, given, system(self.client.id))
        return self

    def session(self):
        return self.platform.database.tenant(self.client.id)

    async def number(self, channel: str = "wechatpay") -> str:
        """A merchant number of the client's own."""
        number = f"19{secrets.randbelow(10**8):08d}"
        async with self.session() as session:
            await session.execute(insert(merchant_number), {"id": ids.uuid7(), "channel": channel, "number": number, "made_by": "test"})
        return number

    async def stated(self, number: str, day: dt.date, pay: int, refund: int = 0, fee: int = 0, channel: str = "wechatpay", source: str = "") -> UUID:
        """The channel's file of a day; one that came before is superseded."""
        source, statement_id = source or f"{channel}-trade", ids.uuid7()
        row = {
            "id": statement_id, "source": source, "side": "channel", "channel": channel, "merchant_number": number, "bill_on": day,
            "status": "loaded", "verdict": "accept", "reason_code": "ok", "reason": "", "file_name": "x", "sha256": secrets.token_bytes(32),
            "size": 1, "pay_amount_fen": pay, "refund_amount_fen": refund, "fee_fen": fee, "net_fen": pay - refund - fee, "origin": "test",
            "made_by": "test",
        }  # fmt: skip
        of = "source = :source AND merchant_number = :number AND bill_on = :day"
        async with self.session() as session:
            given = {"source": source, "number": number, "day": day}
            await session.execute(text(f"UPDATE core.statement SET status = 'superseded' WHERE {of}"), given)
            await session.execute(insert(statements), row)
        return statement_id

    async def told(self, day: dt.date, *entries: tuple[int, str] | tuple[int, str, str]) -> receiving.Verdict:
        """The bank's statement of a day: each entry its amount and its 附言, and a serial where it matters."""
        opening = self.balances.get(day, 0)
        balance, made = opening, []
        start = dt.datetime.combine(day, dt.time(8, 30), clock.SHANGHAI)
        for place, (amount, reference, *serial) in enumerate(entries):
            balance += amount
            one = Entry(
                serial=serial[0] if serial else f"{day:%Y%m%d}{secrets.randbelow(10**12):012d}", account=self.account,
                booked_at=start + dt.timedelta(minutes=place), amount_fen=amount, other_name="对方", other_account="1000", summary="摘要",
                reference=reference, voucher="1", balance_fen=balance,
            )  # fmt: skip
            made.append(one)
        content = statement.written(Account(self.account, "清算户", "榕城银行", "clearing", None, False), day, opening, made)
        return await receiving.receive(
            self.platform, self.client.id, source="bank", day=day, file_name="bank.csv", path_or_stream=content, by=system(self.client.id), origin="test"
        )

    async def match(self) -> None:
        """Compare, and prove that the books are sound afterwards."""
        async with self.session() as session:
            await arrivals.match(session)
        await self.sound()

    async def sound(self) -> None:
        async with self.session() as session:
            assert {name: found for name, found in (await arrivals_faults.list_faults(session)).items() if found} == {}

    async def arrivals(self) -> list:
        async with self.session() as session:
            return list(await session.all(select(arrival).order_by(arrival.c.bill_on, arrival.c.merchant_number)))

    async def entries(self) -> list:
        async with self.session() as session:
            return list(await session.all(select(bank_entry).order_by(bank_entry.c.booked_at)))

    async def differences(self) -> list:
        query = "SELECT *, class AS klass FROM core.recon_difference ORDER BY code"
        async with self.session() as session:
            return list(await session.all(text(query)))

    async def balance_of(self, code: str) -> int:
        """What stands on an account, debit positive."""
        query = """
            SELECT coalesce(sum(e.amount_fen), 0)::bigint FROM core.ledger_entry e JOIN core.ledger_account a ON a.id = e.account_id
            WHERE a.code = :code
        """
        async with self.session() as session:
            return int(await session.scalar(text(query), {"code": code}))

    def reference(self, number: str, day: dt.date, channel: str = "wechatpay") -> str:
        return f"{channel} {number} {day:%Y%m%d}"
