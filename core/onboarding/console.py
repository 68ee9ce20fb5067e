"""Cases in the client's console: filled in, documents added, handed in, signed."""

from collections.abc import Mapping
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath

from core import clock
from core.billing.filters import word_of
from core.database import Session
from core.errors import PlatformError
from core.files.answers import attachment
from core.identity.actor import Actor
from core.onboarding import cases, checking, doors, rates, reading, repository
from core.onboarding.cases import MANAGE, READ, SIGN
from core.onboarding.errors import DocumentRefused
from core.onboarding.schemas import CaseWrite, Signature
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.error_words import translated
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PATH = "/console/onboarding"
ONE = PATH + "/{case_id:uuid}"
LOOK, ACT = {"permission": READ}, {"permission": MANAGE}


@get(PATH, opt=LOOK, include_in_schema=False)
async def case_list(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Our merchants on their way to collecting."""
    return render(request, "onboarding/cases.html", found=await reading.listed(session), may_act=actor.may(MANAGE), typed={}, fault="")


@post(PATH, opt=ACT, include_in_schema=False)
async def case_begin(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform]
) -> Response:
    """One more."""
    typed = {name: str(value) for name, value in (await request.form()).items()}
    try:
        case_id = await cases.begin(session, actor, word_of(typed, "code"), word_of(typed, "name"), platform.channels)
    except PlatformError as error:
        context = {"found": await reading.listed(session), "may_act": True, "typed": typed, "fault": translated(error)}
        return render(request, "onboarding/cases.html", status=error.status, **context)
    return redirect(request, f"{PATH}/{case_id}", success=_("已建立，请填写资料"))


@get(ONE, opt=LOOK, include_in_schema=False)
async def case_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform], case_id: FromPath[UUID],
) -> Response:
    """One case: the form while it is a draft, the facts afterwards."""
    return await _page(request, session, actor, client, platform, case_id)


@post(ONE, opt=ACT, include_in_schema=False)
async def case_save(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform], case_id: FromPath[UUID],
) -> Response:
    """Keep what was filled in."""
    form = await request.form()
    typed = {name: str(value) for name, value in form.items()}
    try:
        given = _written(typed, [str(channel) for channel in form.getall("channels", [])])
        await cases.save(session, platform.vault, actor, case_id, given, platform.channels)
    except PlatformError as error:
        return await _page(request, session, actor, client, platform, case_id, translated(error), error.status, typed)
    return redirect(request, f"{PATH}/{case_id}", success=_("已保存"))


@post(ONE + "/documents", opt=ACT, include_in_schema=False)
async def document_add(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform], case_id: FromPath[UUID],
) -> Response:
    """One more document."""
    form = await request.form()
    file = form.get("file")
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise DocumentRefused(fault=_("请选择文件"))
        content = await file.read()
        await cases.attach(session, platform.vault, actor, case_id, str(form.get("kind", "")), file.filename, content)
    except PlatformError as error:
        return await _page(request, session, actor, client, platform, case_id, translated(error), error.status)
    return redirect(request, f"{PATH}/{case_id}#documents", success=_("已添加"))


@post(ONE + "/documents/{document_id:uuid}/remove", opt=ACT, include_in_schema=False)
async def document_remove(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], case_id: FromPath[UUID],
    document_id: FromPath[UUID],
) -> Response:
    """A document is not wanted any more."""
    await cases.detach(session, actor, case_id, document_id)
    return redirect(request, f"{PATH}/{case_id}#documents", success=_("已删除"))


@get(ONE + "/documents/{document_id:uuid}", opt=LOOK, include_in_schema=False)
async def document_open(
    session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], case_id: FromPath[UUID],
    document_id: FromPath[UUID],
) -> Response[bytes]:
    """A document, as a download."""
    file = await cases.open_document(session, platform.vault, actor, case_id, document_id)
    return attachment(file.name, file.content, file.media_type)


@post(ONE + "/submit", opt=ACT, include_in_schema=False)
async def case_submit(
    request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform],
    case_id: FromPath[UUID],
) -> Response:
    """Hand it in."""
    try:
        async with platform.database.tenant(client.id) as session:
            await cases.submit(session, asker, case_id, client.kind)
    except PlatformError as error:
        return redirect(request, f"{PATH}/{case_id}", danger=translated(error))
    await doors.sync(platform, client.id)
    return redirect(request, f"{PATH}/{case_id}", success=_("已提交，等待开户网点审核"))


@post(ONE + "/take-back", opt=ACT, include_in_schema=False)
async def case_take_back(
    request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform],
    case_id: FromPath[UUID],
) -> Response:
    """Make it a draft again."""
    async with platform.database.tenant(client.id) as session:
        await cases.take_back(session, asker, case_id)
    await doors.sync(platform, client.id)
    return redirect(request, f"{PATH}/{case_id}", success=_("可以修改了，改好后重新提交"))


@post(ONE + "/sign", opt={"permission": SIGN}, include_in_schema=False)
async def case_sign(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], case_id: FromPath[UUID]
) -> Response:
    """The signatory agrees."""
    await cases.sign(session, actor, case_id, Signature(outcome="confirm"), clock.today())
    return redirect(request, f"{PATH}/{case_id}", success=_("已签约，商户可以收款"))


@post(ONE + "/refuse", opt={"permission": SIGN}, include_in_schema=False)
async def case_refuse(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], case_id: FromPath[UUID]
) -> Response:
    """The signatory does not."""
    remark = str((await request.form()).get("reason", ""))
    await cases.sign(session, actor, case_id, Signature(outcome="reject", remark=remark), clock.today())
    return redirect(request, f"{PATH}/{case_id}", success=_("已退回"))


def _written(typed: Mapping[str, str], channels: list[str]) -> CaseWrite:
    def whole(name: str, otherwise: int) -> int:
        text = typed.get(name, "").strip()
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else otherwise

    names = set(CaseWrite.__struct_fields__) - {"version", "channels", "settlement_days"}
    texts = {name: typed.get(name, "").replace("\0", "")[:1000] for name in names}
    return CaseWrite(version=whole("version", -1), channels=channels, settlement_days=whole("settlement_days", -1), **texts)


async def _page(
    request: Request, session: Session, actor: Actor, client: ClientProfile, platform: Platform, case_id: UUID, fault: str = "",
    status: int = 200, typed: Mapping[str, str] | None = None,
) -> Response:
    found = await reading.one(session, case_id, client.kind)
    row = await repository.find_case(session, case_id)
    return render(
        request, "onboarding/case.html", status=status, case=found, fault=fault, typed=typed or {}, documents=checking.DOCUMENTS,
        industries=checking.INDUSTRIES, ways=[way for way in platform.channels.values() if way.code not in checking.AT_HOME], percent=rates.percent,
        may_act=actor.may(MANAGE), may_sign=actor.may(SIGN), base=PATH,
        entered=row is not None and row.submitted_by == actor.id,
    )  # fmt: skip


ROUTES = [
    case_list, case_begin, case_page, case_save, document_add, document_remove, document_open, case_submit, case_take_back, case_sign,
    case_refuse,
]  # fmt: skip
