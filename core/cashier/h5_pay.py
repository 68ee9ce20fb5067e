"""Paying: confirm what and how, then off to the wallet. However often the button is pressed, one charge."""

import hmac
from collections.abc import Sequence
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromQuery

from core import ids
from core.billing.holding import HeldBill
from core.billing.schemas import BillRead
from core.billing.states import OPEN
from core.cashier import charge, family, wechat
from core.cashier.confirming import Confirmation, told
from core.database import Session
from core.errors import Conflict, InvalidRequest, NotFound, ProviderError
from core.payers import sessions_repository
from core.payers.access import Payer
from core.payers.pages import action, address_of, home, page
from core.payments import service as payments
from core.payments import waiting
from core.payments.accounts import service as accounts
from core.payments.channels.protocol import ChannelAccount
from core.payments.channels.wechatpay import oauth as wechat_oauth
from core.payments.errors import AlreadyPaidMeanwhile
from core.payments.offering import Charge
from core.payments.static_codes import service as static_codes
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _
from core.web.templating import redirect, render


def _agent(request: Request) -> str:
    return request.headers.get("user-agent", "")


@page("/pay")
async def pay_page(
    request: Request,
    session: NamedDependency[Session],
    payer: NamedDependency[Payer],
    platform: NamedDependency[Platform],
    error: FromQuery[str] = "",
) -> Response:
    """What will be paid, and how; inside WeChat the visitor's openid is fetched on the way."""
    known = await family.load(session, payer)
    chosen = [known.find(bill_id) for bill_id in charge.bill_ids(request.query_params.getall("bill", []))]
    due = [(member, bill) for member, bill in chosen if bill.status in OPEN and bill.open_fen > 0]
    if not due:
        return _settled(request, [bill for _member, bill in chosen])
    bills = [bill for _member, bill in due]
    total_fen = sum(bill.open_fen for bill in bills)
    merchants = payments.merchants_of(bills)
    if wechat.inside(_agent(request)):
        found = await wechat.account(session, platform.vault, total_fen, merchants)
        if found is not None and found[1].appid not in payer.openids:
            return redirect(request, _authorize_url(request, platform, payer, found, bills))
    options = await payments.payment_options(platform, session, _agent(request), total_fen, merchants)
    left_fen = await _left_fen(session, payer, own=all(member.own for member, _bill in due))
    live = await waiting.on_bills(session, [bill.id for bill in bills])
    asked = Confirmation(due=due, options=options, left_fen=left_fen, live=live)
    return render(request, "cashier/pay.html", home=home(request), asked=asked, told=told, key=ids.token())


def _settled(request: Request, bills: Sequence[BillRead]) -> Response:
    """Nothing is left to pay: who comes back after paying sees that it is paid."""
    if bills and all(bill.status == "paid" for bill in bills):
        where = f"/bills/{bills[0].id}" if len(bills) == 1 else "/history"
        return redirect(request, home(request) + where, success=_("已经缴清，不用再付"))
    return redirect(request, home(request), info=_("所选账单没有待缴金额") if bills else _("请先选择要缴的账单"))


async def _left_fen(session: Session, payer: Payer, *, own: bool) -> int | None:
    """What the static code by which this device came still takes today; None where there is no such limit."""
    code_id = await static_codes.in_use(session, payer, own=own)
    return await static_codes.left_fen(session, code_id, payer) if code_id else None


def _authorize_url(
    request: Request, platform: Platform, payer: Payer, found: tuple[UUID, ChannelAccount], bills: Sequence[BillRead | HeldBill]
) -> str:
    """Off to WeChat for the visitor's openid, and back to this page."""
    back = f"{platform.settings.public_url}{home(request)}/wechat"
    return wechat.authorize_url(*found, payer, back, f"/pay?{urlencode([('bill', str(bill.id)) for bill in bills])}")


@action("/pay")
async def start(
    request: Request,
    session: NamedDependency[Session],
    payer: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
) -> Response:
    """One charge; a refusal leads back with the reason, an answer leads to the wallet. The transaction ends before the channel is called."""
    form = await request.form()
    wanted = charge.bill_ids([str(value) for value in form.getall("bill", [])])
    confirm = f"{home(request)}/pay?{urlencode([('bill', str(bill_id)) for bill_id in wanted])}"
    channel, _dot, scene = str(form.get("way", "")).partition(":")
    held = await payments.hold(session, wanted, channel)
    own = await family.all_own(session, payer, held.bills)
    openid = None
    choice = str(form.get("choice", "all"))
    try:
        limit_fen = _limit(platform, held, channel, scene)
        if choice == "first":
            limit_fen = charge.least(limit_fen, await _left_fen(session, payer, own=own))
        items = charge.items_of(held.bills, choice, str(form.get("amount", ""))[:32], limit_fen)
        if (channel, scene) == ("wechatpay", "jsapi"):
            found = await wechat.account_of(held, platform.vault, sum(item.amount_fen for item in items))
            openid = payer.openids.get(found[1].appid) if found else None
            if openid is None:
                return redirect(request, _authorize_url(request, platform, payer, found, held.bills) if found else confirm)
        order = await payments.start_payment(
            platform, client, payer, items, channel=channel, scene=scene, ip=address_of(request), openid=openid, charge=held,
            capped=not (own and payer.payer_id is not None), idempotency_key=charge.key_of(str(form.get("idempotency_key", ""))),
            return_url=f"{platform.settings.public_url}{home(request)}/orders/{{number}}",
        )  # fmt: skip
    except AlreadyPaidMeanwhile as error:
        return redirect(request, home(request), success=error.message)
    except NotFound:
        raise
    except (Conflict, InvalidRequest, ProviderError) as error:
        return redirect(request, confirm if wanted else home(request), danger=error.message)
    if order.status == "pending" and order.prepared and order.prepared.kind == "redirect":
        return redirect(request, order.prepared.value)
    goes_on = order.status == "pending" and order.prepared and order.prepared.kind == "form"
    return redirect(request, f"{home(request)}/orders/{order.number}{'?go=1' if goes_on else ''}")


def _limit(platform: Platform, held: Charge, channel: str, scene: str) -> int | None:
    """What one charge can be at most, where it is taken at all."""
    way = platform.channels.get(channel)
    return way and payments.limit_of(way, scene, held, sum(bill.open_fen for bill in held.bills))


@page("/wechat")
async def wechat_back(
    request: Request,
    paying: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    code: FromQuery[str] = "",
    next: FromQuery[str] = "",
    account: FromQuery[UUID | None] = None,
) -> Response:
    """Back from WeChat with a one-time code: it becomes the openid of this device. A foreign or altered return is refused."""
    state = request.query_params.get("state", "")
    if not code or account is None or not hmac.compare_digest(state.encode(), wechat.state_of(paying, account, next).encode()):
        return redirect(request, home(request), warning=_("微信授权没有完成，请重新进入缴费"))
    async with platform.database.tenant(client.id) as session:
        collecting = await accounts.by_id(session, platform.vault, account)
    if collecting is None or collecting.channel != "wechatpay":
        raise NotFound()
    identity = await wechat_oauth.exchange(
        platform.http, collecting.appid, collecting.credentials.get("app_secret", ""), code[:128], wechat.token_base(collecting)
    )
    async with platform.database.tenant(client.id) as session:
        await sessions_repository.set_openids(session, paying.session_id, {**paying.openids, collecting.appid: identity.openid})
    return redirect(request, f"{home(request)}{next}")


ROUTES = [pay_page, start, wechat_back]
