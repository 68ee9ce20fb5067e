"""The gateway's own addresses for money that moved: `/v1/refunds`, `/v1/balance_transactions`, `/v1/reporting/…` (Stripe sheet §3, §7)."""

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.datastructures import State
from litestar.params import FromPath

from core import clock
from core.sandbox.faults import repository as faults
from core.sandbox.stripe import errors, intents, money, refunding, replies, reports, rows
from core.sandbox.stripe.api import no_number
from core.sandbox.stripe.asking import Answered, Asked, answer
from core.sandbox.stripe.intents import Charge
from core.sandbox.stripe.money import MOVEMENT, REFUND, Movement, Refund

REASONS = ("duplicate", "fraudulent", "requested_by_customer")


@post("/refunds", status_code=200)
async def refund(request: Request, state: State) -> Response:
    """Give money back."""

    async def work(asked: Asked) -> Answered:
        form = asked.form
        form.allow("payment_intent", "charge", "amount", "reason", "metadata")
        amount = form.amount() if form.text("amount") else None
        charge = await _charge(asked)
        if charge is None:
            raise errors.invalid("This PaymentIntent does not have a successful charge to refund.", "charge_not_refundable", "payment_intent")
        intent = await intents.find(asked.connection, asked.account.mchid, charge.payment_intent)
        drawn = await faults.draw(asked.connection, "refund_", intent.mchid, intent.number)
        reason, notes, scale = form.choice("reason", REASONS), form.metadata(), asked.settings.time_scale
        made = await refunding.refund(asked.connection, asked.account, charge, amount, reason, notes, drawn, scale)
        return Answered(replies.refund(made))

    return await answer(request, state, work, _order_number)


@get("/refunds/{reference:str}")
async def retrieve_refund(request: Request, state: State, reference: FromPath[str]) -> Response:
    """A refund as it is now."""

    async def work(asked: Asked) -> Answered:
        return Answered(replies.refund(await money.find_refund(asked.connection, asked.account.mchid, reference)))

    async def number_of(asked: Asked) -> str | None:
        found = await rows.find(asked.connection, REFUND, Refund, asked.account.mchid, reference)
        return found and (await intents.find(asked.connection, found.mchid, found.payment_intent)).number

    return await answer(request, state, work, number_of)


@get("/refunds")
async def list_refunds(request: Request, state: State) -> Response:
    """An account's refunds, newest first; of one order where it is named."""

    async def work(asked: Asked) -> Answered:
        form = asked.form
        form.allow("limit", "starting_after", "payment_intent", "charge")
        limit, of = form.limit(), (form.text("payment_intent"), form.text("charge"))
        where = "($4::text IS NULL OR payment_intent = $4) AND ($5::text IS NULL OR charge = $5)"
        found = await rows.page(asked.connection, REFUND, Refund, asked.account.mchid, limit, form.text("starting_after"), where, *of)
        return Answered(replies.listed("/v1/refunds", [replies.refund(one) for one in found], limit))

    return await answer(request, state, work, _order_number)


@get("/balance_transactions")
async def list_movements(request: Request, state: State) -> Response:
    """Every movement of an account's balance, newest first."""

    async def work(asked: Asked) -> Answered:
        form = asked.form
        form.allow("limit", "starting_after", "type", "source", "currency", "created")
        limit, of = form.limit(), (form.text("type"), form.text("source"), form.text("currency"))
        where = "($4::text IS NULL OR type = $4) AND ($5::text IS NULL OR source = $5) AND ($6::text IS NULL OR currency = $6)"
        where += " AND ($7::bigint IS NULL OR created_at >= to_timestamp($7)) AND ($8::bigint IS NULL OR created_at < to_timestamp($8))"
        since, until = form.whole("created[gte]"), form.whole("created[lt]")
        after = form.text("starting_after")
        found = await rows.page(asked.connection, MOVEMENT, Movement, asked.account.mchid, limit, after, where, *of, since, until)
        now = clock.now()
        return Answered(replies.listed("/v1/balance_transactions", [replies.movement(one, now) for one in found], limit))

    return await answer(request, state, work, no_number)


@get("/balance_transactions/{reference:str}")
async def retrieve_movement(request: Request, state: State, reference: FromPath[str]) -> Response:
    """One movement."""

    async def work(asked: Asked) -> Answered:
        return Answered(replies.movement(await money.find_movement(asked.connection, asked.account.mchid, reference), clock.now()))

    return await answer(request, state, work, no_number)


@post("/reporting/report_runs", status_code=200)
async def order_report(request: Request, state: State) -> Response:
    """Order a report; it is ready a moment later."""

    async def work(asked: Asked) -> Answered:
        made = await reports.order(asked.connection, asked.account, asked.form, asked.settings.time_scale)
        return Answered(reports.shown(made, asked.settings.public_url))

    return await answer(request, state, work, no_number)


@get("/reporting/report_runs/{reference:str}")
async def retrieve_report(request: Request, state: State, reference: FromPath[str]) -> Response:
    """How far a report has come."""

    async def work(asked: Asked) -> Answered:
        made = await reports.find(asked.connection, asked.account.mchid, reference)
        return Answered(reports.shown(made, asked.settings.public_url))

    return await answer(request, state, work, no_number)


@get("/files/{reference:str}/contents")
async def download(request: Request, state: State, reference: FromPath[str]) -> Response:
    """A report's CSV, for the account's own key only."""
    found: list[bytes] = []

    async def work(asked: Asked) -> Answered:
        made = await reports.find(asked.connection, asked.account.mchid, f"frr_{reference.removeprefix('file_')}")
        if made.ready_at > clock.now():
            raise errors.missing("file", reference)
        found.append(await reports.csv_of(asked.connection, made))
        return Answered({})

    replied = await answer(request, state, work, no_number)
    if replied.status_code != 200 or replied.content != msgspec.json.encode({}):
        return replied
    return Response(found[0], media_type="text/csv; charset=utf-8", headers=replied.headers)


async def _charge(asked: Asked) -> Charge | None:
    """The charge to give back, locked: by its own id, or the one that paid an intent. Raises WireError."""
    connection, mchid, form = asked.connection, asked.account.mchid, asked.form
    reference = form.text("charge")
    if form.text("payment_intent"):
        intent = await intents.find(connection, mchid, form.needed("payment_intent"))
        if intent.status != "succeeded":
            return None
        reference = intent.latest_charge
    if not reference:
        raise errors.bad_parameter("One of the following params should be provided: payment_intent or charge.", "payment_intent", "parameter_missing")
    return await intents.find_charge(connection, mchid, reference, lock=True)


async def _order_number(asked: Asked) -> str | None:
    """The order a refund is about."""
    connection, mchid, form = asked.connection, asked.account.mchid, asked.form
    try:
        reference = form.text("payment_intent")
        if reference is None and form.text("charge"):
            reference = (await intents.find_charge(connection, mchid, form.needed("charge"))).payment_intent
        return (await intents.find(connection, mchid, reference)).number if reference else None
    except errors.WireError:
        return None


router = Router(
    "/v1",
    route_handlers=[
        refund,
        retrieve_refund,
        list_refunds,
        list_movements,
        retrieve_movement,
        order_report,
        retrieve_report,
        download,
    ],
)
