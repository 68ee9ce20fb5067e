"""The payer's side: UnionPay's pay page on a phone, reached by the merchant's form, and the signed way back (UnionPay sheet §5)."""

from typing import Annotated

import msgspec
from litestar import Router, get, post
from litestar.datastructures import State
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Template

from core.sandbox import wallet
from core.sandbox.pages import page
from core.sandbox.unionpay import merchants, rules, trades, wire

LOST = "支付链接无效，请返回商家页面重新发起支付。"


class Decision(msgspec.Struct):
    """What the payer pressed."""

    press: Annotated[str, msgspec.Meta(pattern="^(pay|cancel)$")]
    user: str = wallet.DEFAULT_USER.code


@get("/{ticket:str}")
async def open_page(ticket: FromPath[str], state: State) -> Template:
    """The pay page of an order, for a browser or in the app."""
    async with state.sandbox.pool.acquire() as connection:
        trade = await trades.find_by_ticket(connection, ticket)
        if trade is None:
            return page("unionpay_problem.html", code="34", message=LOST, back="", status=404)
        merchant = await merchants.find(connection, trade.mchid)
    return page("unionpay_cashier.html", trade=trade, merchant=merchant, users=wallet.USERS)


@post("/{ticket:str}", status_code=200)
async def decide(ticket: FromPath[str], state: State, data: URLEncodedBody[Decision]) -> Template:
    """Pay or leave; after a payment the browser carries UnionPay's signed word back to the merchant, which proves nothing."""
    async with state.sandbox.pool.acquire() as connection:
        trade = await trades.find_by_ticket(connection, ticket)
        if trade is None:
            return page("unionpay_problem.html", code="34", message=LOST, back="", status=404)
        merchant = await merchants.find(connection, trade.mchid)
        payer = wallet.user(data.user)
        outcome, back = "cancel", {}
        if data.press == "pay" and not payer.can_pay:
            outcome = "fail"
            await trades.attempt_failed(connection, trade, "64")
        elif data.press == "pay":
            paid = await rules.pay(connection, trade, payer.name)
            outcome, trade = ("ok", paid) if paid else ("gone", trade)
            back = wire.signed(wire.told(paid), await merchants.signer(connection)) if paid and paid.front_url else {}
    state.sandbox.notifier.wake()
    return page("unionpay_outcome.html", outcome=outcome, trade=trade, merchant=merchant, payer=payer, back=back, ticket=ticket)


router = Router("/unionpay/cashier", route_handlers=[open_page, decide])
