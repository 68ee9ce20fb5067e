"""What the payer sees of the gateway: the card form inside the merchant's page, the bank's question, and a tester's pay page.

The card's number is typed into a page of the gateway and stays there; the merchant's page gets the outcome only.
"""

import re
from urllib.parse import urlencode

import msgspec
from asyncpg import Connection
from litestar import Response, Router, get, post
from litestar.datastructures import State
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from core.sandbox import pages
from core.sandbox.pages import page
from core.sandbox.stripe import accounts, api, cards, charging, intents, replies
from core.sandbox.stripe.accounts import Account
from core.sandbox.stripe.charging import Outcome
from core.sandbox.stripe.errors import WireError
from core.sandbox.stripe.intents import Intent

EXPIRED = "付款链接无效，请返回商家页面重新发起支付。"
_EXPIRY = re.compile(r"\s*(\d{1,2})\s*[/-]?\s*(\d{2}|\d{4})\s*")
_CVC = re.compile(r"\d{3,4}")


@get("/v3/stripe.js", media_type="text/javascript", sync_to_thread=False)
def stripe_js() -> str:
    """The script a merchant's page loads, as it would load the gateway's own."""
    return (pages.STATIC / "stripe.js").read_text(encoding="utf-8")


@get("/stripe/card")
async def card_frame(key: FromQuery[str] = "") -> Template:
    """The card form as it sits in a merchant's page."""
    return page("stripe_card.html", key=key, cards=cards.CARDS)


@post("/stripe/card/confirm", status_code=200)
async def confirm_typed(state: State, data: URLEncodedBody[dict[str, str]]) -> Response[dict[str, object]]:
    """Charge the typed card on the intent its client secret opens; the merchant's page is told the outcome."""
    sandbox = state.sandbox
    async with sandbox.pool.acquire() as connection, connection.transaction():
        account, intent = await _opened(connection, data)
        if account is None or intent is None:
            return Response({"error": _worded({"type": "invalid_request_error", "message": EXPIRED})}, status_code=400)
        try:
            outcome = await _pay(connection, account, intent, data, sandbox.settings.public_url)
        except WireError as error:
            return Response({"error": _worded(error.content["error"])}, status_code=error.status)
    sandbox.notifier.wake()
    return _told(outcome)


@get("/stripe/authenticate")
async def ask_holder(state: State, client_secret: FromQuery[str] = "") -> Template:
    """The bank's question to the cardholder (3-D Secure)."""
    async with state.sandbox.pool.acquire() as connection:
        intent = await intents.find_by_secret(connection, client_secret)
        account = await accounts.find(connection, intent.mchid) if intent else None
    if intent is None or intent.status != "requires_action":
        return page("problem.html", title="无法验证", message=EXPIRED, status=400)
    return page("stripe_authenticate.html", intent=intent, account=account, outcome=None)


@post("/stripe/authenticate", status_code=200)
async def answer_holder(state: State, data: URLEncodedBody[dict[str, str]]) -> Template:
    """What the cardholder answered; the page leads back, or tells the page it is shown in."""
    sandbox = state.sandbox
    async with sandbox.pool.acquire() as connection, connection.transaction():
        found = await intents.find_by_secret(connection, data.get("client_secret", ""))
        intent = await intents.find(connection, found.mchid, found.id, lock=True) if found else None
        if intent is None or intent.status != "requires_action":
            return page("problem.html", title="无法验证", message=EXPIRED, status=400)
        account = await accounts.find(connection, intent.mchid)
        outcome = await charging.authenticate(connection, account, intent, data.get("press") == "pass")
    sandbox.notifier.wake()
    told = msgspec.json.encode(_told(outcome).content).decode()
    return page("stripe_authenticate.html", intent=outcome.intent, account=account, outcome=outcome, told=told, back=_back(intent, outcome))


@get("/stripe/pay/{mchid:str}/{number:str}")
async def pay_page(state: State, mchid: FromPath[str], number: FromPath[str]) -> Template:
    """A tester's way to pay any order."""
    async with state.sandbox.pool.acquire() as connection:
        intent = await intents.find_by_number(connection, mchid, number)
        account = await accounts.find(connection, mchid)
    if intent is None or account is None:
        return page("problem.html", title="无法支付", message="没有这笔订单。", status=404)
    return page("stripe_pay.html", intent=intent, account=account, cards=cards.CARDS, problem="")


@post("/stripe/pay/{mchid:str}/{number:str}", status_code=200)
async def pay_there(state: State, mchid: FromPath[str], number: FromPath[str], data: URLEncodedBody[dict[str, str]]) -> Template | Redirect:
    """Charge the typed card from the tester's page."""
    sandbox = state.sandbox
    async with sandbox.pool.acquire() as connection, connection.transaction():
        account, found = await accounts.find(connection, mchid), await intents.find_by_number(connection, mchid, number)
        if account is None or found is None:
            return page("problem.html", title="无法支付", message="没有这笔订单。", status=404)
        intent = await intents.find(connection, mchid, found.id, lock=True)
        here = f"{sandbox.settings.public_url}/stripe/pay/{mchid}/{number}"
        problem = ""
        try:
            outcome = await _pay(connection, account, intent, data | {"return_url": here}, sandbox.settings.public_url)
            intent, problem = outcome.intent, _worded((outcome.refusal or {}).get("error") or {}).get("message", "")
        except WireError as error:
            problem = _worded(error.content["error"])["message"]
    sandbox.notifier.wake()
    if intent.status == "requires_action":
        return Redirect(f"/stripe/authenticate?{urlencode({'client_secret': intent.client_secret})}", status_code=303)
    return page("stripe_pay.html", intent=intent, account=account, cards=cards.CARDS, problem=problem)


async def _opened(connection: Connection, data: dict[str, str]) -> tuple[Account | None, Intent | None]:
    """The account of a publishable key and its intent, locked."""
    account = await accounts.find_by_key(connection, data.get("key", ""))
    found = await intents.find_by_secret(connection, data.get("client_secret", ""))
    if account is None or found is None or found.mchid != account.mchid:
        return None, None
    return account, await intents.find(connection, found.mchid, found.id, lock=True)


async def _pay(connection: Connection, account: Account, intent: Intent, data: dict[str, str], public_url: str) -> Outcome:
    """Name the typed card and confirm. Raises WireError."""
    expiry = _EXPIRY.fullmatch(data.get("expiry", ""))
    month, year = (int(expiry[1]), int(expiry[2])) if expiry else (0, 0)
    method = await api.typed_card(connection, account.mchid, data.get("number", ""), month, year)
    if not _CVC.fullmatch(data.get("cvc", "").strip()):
        raise WireError(402, "card_error", "Your card's security code is incorrect.", code="incorrect_cvc", param="cvc")
    named = await charging.name_card(connection, intent, method)
    return await charging.confirm(connection, account, named, public_url, data.get("return_url") or None)


def _told(outcome: Outcome) -> Response[dict[str, object]]:
    """The outcome as the merchant's page hears it: never the card's number."""
    if outcome.refusal:
        return Response({"error": _worded(outcome.refusal["error"])}, status_code=402)
    return Response({"paymentIntent": replies.intent(outcome.intent)})


def _worded(error: dict) -> dict:
    """The same error with a message the payer understands."""
    code, why = str(error.get("code")), str(error.get("decline_code"))
    said = cards.WORDS.get(why) or cards.WORDS.get(code)
    if code == "payment_intent_unexpected_state":
        said = "这笔订单已支付或已关闭，没有扣款"
    return error | {"message": said or error.get("message", "")}


def _back(asked: Intent, outcome: Outcome) -> str:
    """Where the payer came from, with what a merchant's page expects to find in the address."""
    if not asked.return_url:
        return ""
    facts = {
        "payment_intent": asked.id,
        "payment_intent_client_secret": asked.client_secret,
        "redirect_status": "succeeded" if outcome.intent.status == "succeeded" else "failed",
    }
    return f"{asked.return_url}{'&' if '?' in asked.return_url else '?'}{urlencode(facts)}"


router = Router("/", route_handlers=[stripe_js, card_frame, confirm_typed, ask_holder, answer_holder, pay_page, pay_there])
