"""Receipts in the console: the list, one with everything that became of it, its PDF, and taking one back by two people."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody

from core.approvals import lists as approvals
from core.database import Session
from core.errors import PlatformError
from core.files.answers import attachment
from core.identity.actor import Actor
from core.platform import Platform
from core.receipts import issuing, lists, pdf
from core.receipts.words import STATES
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PATH = "/console/receipts"
RECEIPT = PATH + "/{receipt_id:uuid}"
READ, FLUSH = {"permission": lists.READ}, {"permission": lists.FLUSH}


class FlushForm(msgspec.Struct):
    """Why, and whether it is issued anew."""

    reason: Annotated[str, msgspec.Meta(max_length=200)] = ""
    reissue: str = ""


def verify_root(platform: Platform, client: ClientProfile) -> str:
    """Where the client's receipts are checked."""
    return f"{platform.settings.public_url}/verify/{client.code}"


@get(PATH, opt=READ, include_in_schema=False)
async def receipt_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None
) -> Response:
    """Receipts by number, person, bill, state and day, with what they come to."""
    asked = lists.asked_of(request.query_params)
    page = await lists.list_receipts(session, asked, actor, cursor)
    states = [(code, _(label)) for code, label in STATES]
    return render(
        request, "receipts/list.html", found=page, asked=asked, states=states, may_export=actor.may("exports.make"),
        may_set=actor.may(lists.ISSUERS),
    )  # fmt: skip


@get(RECEIPT, opt=READ, include_in_schema=False)
async def receipt_page(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    receipt_id: FromPath[UUID],
) -> Response:
    """One receipt: what it says, what it replaced and was replaced by, and what may be done."""
    story = await lists.story(session, receipt_id, actor, verify_root(platform, client))
    return render(
        request,
        "receipts/receipt.html",
        story=story,
        waiting=[row for row in await approvals.about(session, receipt_id) if row.status == "waiting"],
        may_flush=actor.may(lists.FLUSH) and story.receipt.stands and story.receipt.number is not None,
        may_retry=actor.may(lists.ISSUERS) and story.row.refused,
        may_see_bill=actor.may("billing.bill.read"),
        may_see_payment=actor.may("payments.payment.read"),
    )


@get(RECEIPT + "/pdf", opt=READ, include_in_schema=False)
async def receipt_pdf(
    asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform], receipt_id: FromPath[UUID]
) -> Response[bytes]:
    """The PDF to hand to the payer; no transaction is held while it is drawn."""
    return await printed(platform, client, receipt_id, asker)


async def printed(platform: Platform, client: ClientProfile, receipt_id: UUID, by: Actor) -> Response[bytes]:
    """A receipt's PDF for staff and programs, written to the audit trail."""
    async with platform.database.tenant(client.id) as session:
        receipt = await lists.to_print(session, receipt_id, by)
    made = await pdf.render(receipt, receipt.content.payer, lists.check_url(receipt, verify_root(platform, client)))
    return attachment(f"{receipt.number}.pdf", made, pdf.MEDIA_TYPE)


@post(RECEIPT + "/red-flush", opt=FLUSH, include_in_schema=False)
async def red_flush(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    receipt_id: FromPath[UUID],
    data: URLEncodedBody[FlushForm],
) -> Response:
    """Ask a second person to take a receipt back."""
    here = f"{PATH}/{receipt_id}"
    try:
        await lists.propose(session, receipt_id, data.reissue == "1", data.reason, actor)
    except PlatformError as error:
        if error.code not in ("INVALID_REQUEST", "ALREADY_WAITING", "RECEIPT_NOT_STANDING"):
            raise
        return redirect(request, here, danger=error.message)
    return redirect(request, here, success=_("已提交红冲申请，等待另一位同事复核"))


@post(RECEIPT + "/retry", opt={"permission": lists.ISSUERS}, include_in_schema=False)
async def retry(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], receipt_id: FromPath[UUID]
) -> Response:
    """Submit a ticket again that its issuer refused."""
    await lists.find(session, receipt_id, actor, lists.ISSUERS)
    here = f"{PATH}/{receipt_id}"
    if await issuing.retry(session, receipt_id, actor):
        return redirect(request, here, success=_("已重新提交，结果稍后显示在本页"))
    return redirect(request, here, info=_("这张票据没有被拒，无需重新提交"))


ROUTES = [receipt_list, receipt_page, receipt_pdf, red_flush, retry]
