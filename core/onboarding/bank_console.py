"""Cases in the bank's house: looked at, passed on with rates, sent back; channels' words entered where they come on paper."""

from collections.abc import Mapping
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core import money
from core.billing.filters import word_of
from core.errors import PlatformError
from core.files.answers import attachment
from core.identity.actor import Actor
from core.onboarding import checking, doors, rates
from core.onboarding.schemas import CaseRead, ChannelWord, Rate, Review
from core.platform import Platform
from core.tenancy.threshold import admit
from core.web.error_words import translated
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

ONE = "/bank/clients/{client_id:uuid}/onboarding/{case_id:uuid}"
LOOK, ACT = ({"permission": permission, "side": "bank"} for permission in (doors.LOOK, doors.REVIEW))


def _to(client_id: UUID, case_id: UUID) -> str:
    return f"/bank/clients/{client_id}/onboarding/{case_id}"


@get(ONE, opt=LOOK, include_in_schema=False)
async def case_page(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID],
    case_id: FromPath[UUID],
) -> Response:
    """One case of a client."""
    return await _page(request, asker, platform, client_id, case_id)


@get(ONE + "/documents/{document_id:uuid}", opt=ACT, include_in_schema=False)
async def document_open(
    asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID], case_id: FromPath[UUID],
    document_id: FromPath[UUID],
) -> Response[bytes]:
    """A document, as a download."""
    file = await doors.open_document(platform, asker, client_id, case_id, document_id)
    return attachment(file.name, file.content, file.media_type)


@post(ONE + "/take", opt=ACT, include_in_schema=False)
async def case_take(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID],
    case_id: FromPath[UUID],
) -> Response:
    """Take it up."""
    await doors.decide(platform, asker, client_id, case_id, Review(outcome="take"))
    return redirect(request, _to(client_id, case_id), success=_("已开始审核"))


@post(ONE + "/approve", opt=ACT, include_in_schema=False)
async def case_approve(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID],
    case_id: FromPath[UUID],
) -> Response:
    """Pass it on, with the rates agreed."""
    typed = {name: str(value) for name, value in (await request.form()).items()}
    found = await doors.read(platform, asker, client_id, case_id)
    try:
        word = Review(outcome="approve", rates=_rates(typed, found), remark=word_of(typed, "remark"))
        await doors.decide(platform, asker, client_id, case_id, word)
    except PlatformError as error:
        return await _page(request, asker, platform, client_id, case_id, translated(error), error.status, typed)
    return redirect(request, _to(client_id, case_id), success=_("已通过，等待渠道审核"))


@post(ONE + "/reject", opt=ACT, include_in_schema=False)
async def case_reject(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID],
    case_id: FromPath[UUID],
) -> Response:
    """Send it back."""
    remark = str((await request.form()).get("reason", ""))
    await doors.decide(platform, asker, client_id, case_id, Review(outcome="reject", remark=remark))
    return redirect(request, _to(client_id, case_id), success=_("已退回"))


@post(ONE + "/channels/{channel:str}/{outcome:str}", opt=ACT, include_in_schema=False)
async def channel_said(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID],
    case_id: FromPath[UUID], channel: FromPath[str], outcome: FromPath[str],
) -> Response:
    """A channel's word that came on paper or by its own web site."""
    typed = {name: str(value) for name, value in (await request.form()).items()}
    remark, kind = typed.get("reason", ""), "approve" if outcome == "approve" else "reject"
    word = ChannelWord(channel=channel, outcome=kind, remark=remark, reference=word_of(typed, "reference"))
    await doors.channel_said(platform, asker, client_id, case_id, word)
    return redirect(request, _to(client_id, case_id), success=_("已登记渠道的答复"))


def _rates(typed: Mapping[str, str], found: CaseRead) -> list[Rate]:
    """The rates as the form has them: one line for each channel, its credit cards apart where the box is filled."""
    made = []
    for channel in found.channels:
        for card_type in ("", "credit"):
            text = typed.get(f"rate.{channel}.{card_type}", "").strip()
            if text:
                cap = typed.get(f"cap.{channel}.{card_type}", "").strip()
                cap_fen = money.yuan(cap) if cap else None
                made.append(Rate(channel=channel, card_type=card_type, rate_ppm=rates.ppm_of(text), cap_fen=cap_fen))
    return made


async def _page(
    request: Request, asker: Actor, platform: Platform, client_id: UUID, case_id: UUID, fault: str = "", status: int = 200,
    typed: Mapping[str, str] | None = None,
) -> Response:
    client = await admit(platform, asker, client_id, doors.LOOK)
    found = await doors.read(platform, asker, client_id, case_id)
    return render(
        request, "onboarding/bank_case.html", status=status, case=found, row=client, fault=fault, typed=typed or {},
        documents=checking.DOCUMENTS, industries=checking.INDUSTRIES, percent=rates.percent, may_act=asker.may(doors.REVIEW),
        base=f"/bank/clients/{client_id}/onboarding",
    )  # fmt: skip


ROUTES = [case_page, document_open, case_take, case_approve, case_reject, channel_said]
