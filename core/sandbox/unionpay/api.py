"""UnionPay's own addresses, `/gateway/api/….do`: pages for payers, app orders, queries, refunds and undos, settlement files."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping

from asyncpg import Connection
from litestar import Request, Response, Router, post
from litestar.datastructures import State
from litestar.response import Redirect, Template

from core import clock
from core.sandbox.faults import repository as faults
from core.sandbox.pages import page
from core.sandbox.unionpay import merchants, rules, statement, trades, wire
from core.sandbox.unionpay.merchants import Merchant
from core.sandbox.unionpay.trades import Trade
from core.sandbox.unionpay.wire import WireError

Fields = Mapping[str, str]
Work = Callable[[Connection, Merchant, Fields], Awaitable[Fields]]
UNSEEN_SECONDS = 1.0
"""So long after a front order came in, a query may not find it yet (§6)."""


async def _answer(request: Request, state: State, work: Work) -> Response:
    """Authenticate, do the work, sign the answer; faults that were asked for happen on the way."""
    sandbox = state.sandbox
    drawn: dict[str, faults.Fault] = {}
    body = await request.body()
    async with sandbox.pool.acquire() as connection:
        signer = await merchants.signer(connection)
        fields: Fields = {}
        try:
            fields = wire.read(body)
            merchant = await wire.asking(connection, fields)
            drawn = await faults.draw(connection, "api_", merchant.mchid, await _order_of(connection, fields))
            if "api_error" in drawn:
                return Response(b"Internal Server Error", status_code=500, media_type="text/plain")
            answer = {"respCode": "00", "respMsg": wire.WORDS["00"]} | dict(await work(connection, merchant, fields))
        except WireError as error:
            answer = {"respCode": error.code, "respMsg": error.words}
    sandbox.notifier.wake()
    for kind in ("api_delay", "api_timeout"):
        if kind in drawn:
            await asyncio.sleep(drawn[kind].lasts)
    line = wire.line(wire.signed(wire.echo(fields) | answer, signer))
    if "api_tamper" in drawn:
        line = line.replace(b"respMsg=", "respMsg=已改".encode(), 1)
    return Response(line, media_type="text/html;charset=UTF-8")


async def _order_of(connection: Connection, fields: Fields) -> str | None:
    """The order a request is about, for the faults meant for it; of a refund, the order it gives back."""
    if query_id := fields.get("origQryId"):
        paid = await trades.find_by_query_id(connection, fields["merId"], query_id)
        return paid.order_id if paid else None
    trade = await trades.find(connection, fields["merId"], fields.get("orderId", ""))
    return trade.orig_order_id or trade.order_id if trade else fields.get("orderId")


@post("/frontTransReq.do")
async def front(request: Request, state: State) -> Redirect | Template:
    """A payer arrives with the merchant's signed form; a form that comes twice is a duplicate."""
    async with state.sandbox.pool.acquire() as connection:
        try:
            fields = wire.read(await request.body())
            merchant = await wire.asking(connection, fields)
            trade = await rules.place(connection, merchant, fields, "front")
        except WireError as error:
            return page("unionpay_problem.html", code=error.code, message=error.words, back="", status=200)
    state.sandbox.notifier.wake()
    return Redirect(f"/unionpay/cashier/{trade.ticket}", status_code=303)


@post("/appTransReq.do", status_code=200)
async def app(request: Request, state: State) -> Response:
    """A payment that the payer makes in the app: its number (tn)."""

    async def work(connection: Connection, merchant: Merchant, fields: Fields) -> Fields:
        trade = await rules.place(connection, merchant, fields, "app")
        return {"tn": trade.ticket or ""}

    return await _answer(request, state, work)


@post("/backTransReq.do", status_code=200)
async def back(request: Request, state: State) -> Response:
    """A refund or an undo: taken now, done and told later."""

    async def work(connection: Connection, merchant: Merchant, fields: Fields) -> Fields:
        trade = await rules.reverse(connection, merchant, fields, state.sandbox.settings.time_scale)
        return {"queryId": trade.query_id or ""}

    return await _answer(request, state, work)


@post("/queryTrans.do", status_code=200)
async def query(request: Request, state: State) -> Response:
    """What became of a trade, by its own number and time."""

    async def work(connection: Connection, merchant: Merchant, fields: Fields) -> Fields:
        wire.check(fields, "orderId", "txnTime")
        if (fields["txnType"], fields["txnSubType"]) != ("00", "00"):
            raise WireError("10", "txnType/txnSubType")
        trade = await trades.find(connection, merchant.mchid, fields["orderId"])
        if trade is None or trade.txn_time != fields["txnTime"] or _unseen(trade, state.sandbox.settings.time_scale):
            raise WireError("34")
        words = {"origRespCode": trade.standing, "origRespMsg": wire.WORDS[trade.standing], "reqReserved": trade.req_reserved}
        return words | wire.settlement(trade) | {"origQryId": trade.orig_query_id or ""}

    return await _answer(request, state, work)


def _unseen(trade: Trade, scale: float) -> bool:
    """Whether a front order is too young to be found."""
    return trade.way == "front" and not trade.done and clock.now() - trade.created_at < dt.timedelta(seconds=UNSEEN_SECONDS * scale)


@post("/filedownload", status_code=200)
async def download(request: Request, state: State) -> Response:
    """The settlement file of a day; 98 where there is none, for whatever reason. UnionPay has a host of its own for it."""

    async def work(connection: Connection, merchant: Merchant, fields: Fields) -> Fields:
        wire.check(fields, "settleDate", "txnTime", "fileType")
        if (fields["txnType"], fields["txnSubType"], fields["fileType"]) != ("76", "01", "00"):
            raise WireError("10", "txnType/txnSubType/fileType")
        today = clock.today()
        day = statement.day_of(fields["settleDate"], today)
        if day is None:
            raise WireError("10", "settleDate")
        settled = await trades.settled(connection, merchant.mchid, day) if day < today else []
        if not settled:
            raise WireError("98")
        paid = [await trades.find(connection, merchant.mchid, t.orig_order_id) if t.orig_order_id else None for t in settled]
        lines = [statement.record(trade, original) for trade, original in zip(settled, paid, strict=True)]
        content = statement.wrapped(statement.archive(merchant.mchid, day, lines))
        return {"settleDate": fields["settleDate"], "fileName": f"{merchant.mchid}_{day:%Y%m%d}.zip", "fileContent": content}

    return await _answer(request, state, work)


gateway = Router("/gateway/api", route_handlers=[front, app, back, query])
files = Router("/", route_handlers=[download])
