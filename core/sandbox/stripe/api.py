"""The gateway's own addresses for orders and cards: `/v1/payment_intents`, `/v1/payment_methods`, `/v1/charges` (Stripe sheet §2)."""

import datetime as dt

import msgspec
from asyncpg import Connection
from litestar import Request, Response, Router, get, post
from litestar.datastructures import State
from litestar.params import FromPath

from core import clock
from core.sandbox.faults import repository as faults
from core.sandbox.stripe import cards, charging, errors, expanding, intents, replies, rows
from core.sandbox.stripe.asking import Answered, Asked, answer
from core.sandbox.stripe.intents import INTENT, Intent, Method
from core.sandbox.stripe.names import new_id

CAPTURE_METHODS = ("automatic", "automatic_async", "manual")
CANCELLATION_REASONS = ("abandoned", "duplicate", "fraudulent", "requested_by_customer")
CREATED_WITH = (
    "amount", "currency", "payment_method_types", "automatic_payment_methods", "payment_method", "confirm", "capture_method",
    "confirmation_method", "description", "metadata", "return_url", "off_session", "statement_descriptor", "payment_method_options",
)  # fmt: skip


@post("/payment_intents", status_code=200)
async def create(request: Request, state: State) -> Response:
    """Make an intent; with `confirm` it is charged at once."""

    async def work(asked: Asked) -> Answered:
        form = asked.form
        form.allow(*CREATED_WITH)
        confirming = form.choice("confirm", ("true", "false")) == "true"
        if form.text("return_url") and not confirming:
            raise errors.bad_parameter("`return_url` can only be set when `confirm` is true.", "return_url")
        if any(kind != "card" for kind in form.many("payment_method_types")):
            raise errors.bad_parameter("The payment method type is not activated for your account.", "payment_method_types")
        intent = await rows.add(asked.connection, INTENT, _new(asked))
        if token := form.text("payment_method"):
            intent = await charging.name_card(asked.connection, intent, await _card(asked, token))
        return await _confirmed(asked, intent) if confirming else Answered(replies.intent(intent))

    async def number_of(asked: Asked) -> str | None:
        return intents.number_in(asked.form.branch("metadata"), "") or None

    return await answer(request, state, work, number_of)


@post("/payment_intents/{reference:str}", status_code=200)
async def update(request: Request, state: State, reference: FromPath[str]) -> Response:
    """Name a card, or change what an unpaid intent says."""

    async def work(asked: Asked) -> Answered:
        form = asked.form
        form.allow("payment_method", "metadata", "description")
        intent = await intents.find(asked.connection, asked.account.mchid, reference, lock=True)
        notes = {name: value for name, value in (intent.notes | form.metadata()).items() if value}
        changed = {"metadata": msgspec.json.encode(notes).decode(), "description": form.text("description") or intent.description}
        intent = await rows.change(asked.connection, INTENT, intent, **changed)
        if token := form.text("payment_method"):
            intent = await charging.name_card(asked.connection, intent, await _card(asked, token))
        return Answered(replies.intent(intent))

    return await answer(request, state, work, _number_of(reference))


@post("/payment_intents/{reference:str}/confirm", status_code=200)
async def confirm(request: Request, state: State, reference: FromPath[str]) -> Response:
    """Charge the card: 200, or 402 when it is declined."""

    async def work(asked: Asked) -> Answered:
        asked.form.allow("payment_method", "return_url", "off_session", "payment_method_options", "capture_method")
        intent = await intents.find(asked.connection, asked.account.mchid, reference, lock=True)
        if token := asked.form.text("payment_method"):
            if intent.status not in intents.PAYABLE:
                raise errors.unexpected_state("confirm", replies.intent(intent))
            intent = await charging.name_card(asked.connection, intent, await _card(asked, token))
        return await _confirmed(asked, intent)

    return await answer(request, state, work, _number_of(reference))


@post("/payment_intents/{reference:str}/capture", status_code=200)
async def capture(request: Request, state: State, reference: FromPath[str]) -> Response:
    """Take reserved money."""

    async def work(asked: Asked) -> Answered:
        asked.form.allow("amount_to_capture", "final_capture")
        amount = asked.form.amount("amount_to_capture") if asked.form.text("amount_to_capture") else None
        intent = await intents.find(asked.connection, asked.account.mchid, reference, lock=True)
        return Answered(replies.intent(await charging.capture(asked.connection, asked.account, intent, amount)))

    return await answer(request, state, work, _number_of(reference))


@post("/payment_intents/{reference:str}/cancel", status_code=200)
async def cancel(request: Request, state: State, reference: FromPath[str]) -> Response:
    """End an unpaid intent."""

    async def work(asked: Asked) -> Answered:
        asked.form.allow("cancellation_reason")
        reason = asked.form.choice("cancellation_reason", CANCELLATION_REASONS)
        intent = await intents.find(asked.connection, asked.account.mchid, reference, lock=True)
        late = (await faults.draw(asked.connection, "pay_after_close", intent.mchid, intent.number)).get("pay_after_close")
        pay_due_at = clock.now() + dt.timedelta(seconds=late.lasts) if late else None
        return Answered(replies.intent(await charging.cancel(asked.connection, asked.account, intent, reason, pay_due_at)))

    return await answer(request, state, work, _number_of(reference))


@get("/payment_intents/{reference:str}")
async def retrieve(request: Request, state: State, reference: FromPath[str]) -> Response:
    """An intent as it is now."""

    async def work(asked: Asked) -> Answered:
        return Answered(replies.intent(await intents.find(asked.connection, asked.account.mchid, reference)))

    return await answer(request, state, work, _number_of(reference))


@get("/payment_intents")
async def list_intents(request: Request, state: State) -> Response:
    """An account's intents, newest first."""

    async def work(asked: Asked) -> Answered:
        asked.form.allow("limit", "starting_after")
        limit = asked.form.limit()
        found = await rows.page(asked.connection, INTENT, Intent, asked.account.mchid, limit, asked.form.text("starting_after"))
        return Answered(replies.listed("/v1/payment_intents", [replies.intent(one) for one in found], limit))

    return await answer(request, state, work, no_number)


@post("/payment_methods", status_code=200)
async def hold_card(request: Request, state: State) -> Response:
    """Hold a test card. A real gateway takes numbers only from its own page; test keys are let through, as here."""

    async def work(asked: Asked) -> Answered:
        asked.form.allow("type", "card", "billing_details", "metadata")
        asked.form.choice("type", ("card",))
        form, (month, year) = asked.form, (asked.form.whole("card[exp_month]") or 0, asked.form.whole("card[exp_year]") or 0)
        held = await typed_card(asked.connection, asked.account.mchid, form.needed("card[number]"), month, year)
        return Answered(replies.method(held))

    return await answer(request, state, work, no_number)


@get("/charges/{reference:str}")
async def charge(request: Request, state: State, reference: FromPath[str]) -> Response:
    """A charge, taken or declined."""

    async def work(asked: Asked) -> Answered:
        await intents.find_charge(asked.connection, asked.account.mchid, reference)
        return Answered(await expanding.show(asked.connection, asked.account.mchid, reference) or {})

    return await answer(request, state, work, no_number)


async def no_number(asked: Asked) -> None:
    """For addresses that are about no order."""


def _number_of(reference: str):
    async def number_of(asked: Asked) -> str | None:
        try:
            return (await intents.find(asked.connection, asked.account.mchid, reference)).number
        except errors.WireError:
            return None

    return number_of


async def typed_card(connection: Connection, mchid: str, number: str, month: int, year: int) -> Method:
    """The card somebody typed. Raises WireError (402) for what cannot be a card."""
    card = cards.by_number(number)
    if card is None:
        raise errors.WireError(402, "card_error", "Your card number is incorrect.", code="incorrect_number", param="number")
    year += 2000 if 0 < year < 100 else 0
    today = clock.today()
    if not 1 <= month <= 12 or not (today.year, today.month) <= (year, month) or year > today.year + 50:
        raise errors.WireError(402, "card_error", "Your card's expiration date is invalid.", code="invalid_expiry_year", param="exp_year")
    return await intents.hold_card(connection, mchid, card, month, year, clock.now())


async def ready_card(connection: Connection, mchid: str, token: str) -> Method:
    """A card by its id, or a test card by its ready-made name. Raises WireError."""
    card = cards.by_token(token)
    if card is None:
        return await intents.find_method(connection, mchid, token)
    return await intents.hold_card(connection, mchid, card, 12, clock.today().year + 3, clock.now())


async def _card(asked: Asked, token: str) -> Method:
    return await ready_card(asked.connection, asked.account.mchid, token)


async def _confirmed(asked: Asked, intent: Intent) -> Answered:
    return_url = asked.form.text("return_url")
    outcome = await charging.confirm(asked.connection, asked.account, intent, asked.settings.public_url, return_url)
    return Answered(outcome.refusal, 402) if outcome.refusal else Answered(replies.intent(outcome.intent))


def _new(asked: Asked) -> Intent:
    """The intent a form asks for."""
    form, reference = asked.form, new_id("pi")
    notes = form.metadata()
    return Intent(
        id=reference,
        mchid=asked.account.mchid,
        number=intents.number_in(notes, reference),
        amount=form.amount(),
        currency=form.currency(),
        capture_method=form.choice("capture_method", CAPTURE_METHODS, "automatic_async"),
        client_secret=new_id(f"{reference}_secret", 25),
        description=form.text("description"),
        metadata=msgspec.json.encode(notes).decode(),
        created_at=clock.now(),
    )


router = Router("/v1", route_handlers=[create, update, confirm, capture, cancel, retrieve, list_intents, hold_card, charge])
