"""Who issues tickets that are not our own receipts: one small protocol, two built-ins, everything over httpx to a configurable address.

Our own receipts need nobody: their number is the receipt. An outside issuer knows a ticket by our number, so that asking twice is one
ticket. What cannot be believed is no answer (IssuerSilent), never a refusal: the ladder asks again.
"""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Protocol

import httpx
import msgspec

from core import clock, money
from core.money import BadAmount
from core.receipts.errors import IssuerSilent
from core.receipts.issuer_wire import call
from core.receipts.schemas import Facts


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """A client at an issuer: where, as whom, and what its tickets say of it. `tax_rates` are percents by fee item."""

    base_url: str
    app_id: str
    secret: str
    name: str
    code: str = ""
    drawer: str = ""
    title: str = ""
    tax_rates: dict[str, str] = {}


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a ticket: the fee item, its standard (unit price) and what was paid."""

    code: str
    name: str
    quantity: str
    unit_price_fen: int
    amount_fen: int


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be issued under our number; a red one (negative) names the number it takes back."""

    number: str
    amount_fen: int
    payer: str
    remark: str
    items: list[Item]
    channel: str
    payment_number: str
    paid_at: dt.datetime
    takes_back: str = ""
    reason: str = ""
    extras: list[tuple[str, str]] = []


class TicketState(msgspec.Struct, frozen=True, kw_only=True):
    """`issued`, `pending`, `refused` (for good, until somebody mends it) or `absent` (never arrived there)."""

    state: str
    facts: Facts = Facts()
    message: str = ""


class Issuer(Protocol):
    """A kind of ticket and how its issuer is spoken to."""

    code: str
    title: str

    async def issue(self, unit: Unit, ticket: Ticket) -> TicketState:
        """Have a ticket issued; asking again with the same number is the same ticket."""

    async def query(self, unit: Unit, ticket: Ticket) -> TicketState:
        """What became of it."""

    async def red_flush(self, unit: Unit, ticket: Ticket) -> TicketState:
        """Have a ticket taken back by a red one."""


def _yuan(fen: int) -> str:
    return money.format_yuan(fen).replace(",", "")


def _state(answer: dict | None, ticket: Ticket, number: str, total: str, facts: Callable[[dict], Facts]) -> TicketState:
    """What an answer means; one about another ticket or another sum is not believed."""
    if answer is None:
        return TicketState(state="absent")
    if answer.get("state") == "refused":
        return TicketState(state="refused", message=str(answer.get("message", ""))[:200])
    if answer.get(number) != ticket.number or answer.get(total) != _yuan(ticket.amount_fen):
        raise IssuerSilent()
    if answer.get("state") != "issued":
        return TicketState(state="pending")
    try:
        told = msgspec.convert(msgspec.to_builtins(facts(answer)), Facts)
    except (KeyError, BadAmount, msgspec.ValidationError) as error:
        raise IssuerSilent(why=f"{error}") from error
    safe = told.url if told.url.startswith(("https://", "http://")) else ""
    return TicketState(state="issued", facts=msgspec.structs.replace(told, url=safe))


class Fiscal:
    """财政电子票据: issued by the finance authority's platform with a code, a number and a check code (domain book §2.8)."""

    code, title = "fiscal", "财政电子票据"

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def issue(self, unit: Unit, ticket: Ticket) -> TicketState:
        details = [
            {
                "sortNo": place, "chargeCode": item.code, "chargeName": item.name, "number": item.quantity,
                "std": _yuan(item.unit_price_fen), "amt": _yuan(item.amount_fen),
            }
            for place, item in enumerate(ticket.items, 1)
        ]  # fmt: skip
        body = {
            "busNo": ticket.number,
            "busDateTime": f"{ticket.paid_at.astimezone(clock.SHANGHAI):%Y%m%d%H%M%S}",
            "placeCode": unit.code,
            "billName": unit.title,
            "payer": ticket.payer,
            "author": unit.drawer,
            "totalAmt": _yuan(ticket.amount_fen),
            "remark": ticket.remark,
            "payChannelDetail": [{"payChannel": ticket.channel, "payNo": ticket.payment_number}],
            "chargeDetail": details,
        }
        if ticket.extras:
            body["otherInfo"] = [
                {"infoNo": place, "infoName": label, "infoValue": value} for place, (label, value) in enumerate(ticket.extras, 1)
            ]  # fmt: skip
        return self._read(await call(self._client, unit.base_url, unit.app_id, unit.secret, "POST", "/tickets", body), ticket)

    async def query(self, unit: Unit, ticket: Ticket) -> TicketState:
        return self._read(await call(self._client, unit.base_url, unit.app_id, unit.secret, "GET", f"/tickets/{ticket.number}"), ticket)

    async def red_flush(self, unit: Unit, ticket: Ticket) -> TicketState:
        body = {"busNo": ticket.number, "totalAmt": _yuan(ticket.amount_fen), "reason": ticket.reason}
        path = f"/tickets/{ticket.takes_back}/red-flush"
        return self._read(await call(self._client, unit.base_url, unit.app_id, unit.secret, "POST", path, body), ticket)

    def _read(self, answer: dict | None, ticket: Ticket) -> TicketState:
        return _state(answer, ticket, "busNo", "totalAmt", self._facts)

    def _facts(self, answer: dict) -> Facts:
        return Facts(
            title=answer["billName"], code=answer["billBatchCode"], number=answer["billNo"], check_code=answer["random"],
            issuer=answer["unit"], drawer=answer["author"], issued_on=answer["ivcDate"], url=answer["pictureUrl"],
            seals=(answer["unitSeal"], answer["supervisionSeal"]),
        )  # fmt: skip


class EInvoice:
    """数电发票: a number of twenty digits, seller and buyer, tax per line (the amounts paid include it)."""

    code, title = "einvoice", "数电发票"

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def issue(self, unit: Unit, ticket: Ticket) -> TicketState:
        items = [
            {
                "itemCode": item.code, "name": item.name, "quantity": item.quantity, "amount": _yuan(item.amount_fen),
                "taxRate": unit.tax_rates.get(item.code, "0"), "tax": _yuan(tax_within(item.amount_fen, unit.tax_rates.get(item.code, "0"))),
            }
            for item in ticket.items
        ]  # fmt: skip
        body = {
            "orderNo": ticket.number,
            "sellerName": unit.name,
            "sellerTaxId": unit.code,
            "buyerName": ticket.payer,
            "drawer": unit.drawer,
            "totalAmount": _yuan(ticket.amount_fen),
            "remark": ticket.remark,
            "items": items,
        }
        if ticket.extras:
            body["additionalElements"] = [{"name": label, "value": value} for label, value in ticket.extras]
        return self._read(await call(self._client, unit.base_url, unit.app_id, unit.secret, "POST", "/tickets", body), ticket)

    async def query(self, unit: Unit, ticket: Ticket) -> TicketState:
        return self._read(await call(self._client, unit.base_url, unit.app_id, unit.secret, "GET", f"/tickets/{ticket.number}"), ticket)

    async def red_flush(self, unit: Unit, ticket: Ticket) -> TicketState:
        body = {"orderNo": ticket.number, "totalAmount": _yuan(ticket.amount_fen), "reason": ticket.reason}
        path = f"/tickets/{ticket.takes_back}/red-flush"
        return self._read(await call(self._client, unit.base_url, unit.app_id, unit.secret, "POST", path, body), ticket)

    def _read(self, answer: dict | None, ticket: Ticket) -> TicketState:
        return _state(answer, ticket, "orderNo", "totalAmount", self._facts)

    def _facts(self, answer: dict) -> Facts:
        return Facts(
            title=self.title, number=answer["invoiceNumber"], issuer=answer["sellerName"], drawer=answer["drawer"],
            issued_on=answer["issuedOn"], url=answer["url"], tax_fen=money.yuan(answer["taxAmount"]),
        )  # fmt: skip


def tax_within(amount_fen: int, percent: str) -> int:
    """The tax inside an amount that includes it, rounded half up per line: 6 % within 106.00 is 6.00."""
    rate = Decimal(percent)
    return money.half_up(Decimal(amount_fen) * rate / (100 + rate))


ISSUERS: dict[str, Callable[[httpx.AsyncClient], Issuer]] = {"fiscal": Fiscal, "einvoice": EInvoice}
