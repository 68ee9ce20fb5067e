"""The way in the client's console: one page with every step, who takes it on, the trial of a cent, and the word that collecting begins."""

from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody

from core.billing.filters import uuid_of
from core.database import Session
from core.errors import PlatformError
from core.golive import service, trials, trials_repository
from core.golive.errors import StepNotFound
from core.golive.forms import StepForm, TrialForm, field_of
from core.golive.schemas import TrialRead
from core.golive.service import MANAGE, READ
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.trace import rights
from core.trace import service as traces
from core.trace.errors import NumberUnknown
from core.web.error_words import translated
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PATH, TRIAL = "/console/go-live", trials.PATH
LOOK, ACT = {"permission": READ}, {"permission": MANAGE}
FOLLOWED = ("unpaid", "refunding")
"""Stages in which the page looks again by itself."""
Open, Who, Whose, Running = NamedDependency[Session], NamedDependency[Actor], NamedDependency[ClientProfile], NamedDependency[Platform]


@get(PATH, opt=LOOK, include_in_schema=False)
async def way_page(request: Request, session: Open, actor: Who, client: Whose, platform: Running) -> Response:
    """Every step: how it stands, what is missing, who owes it."""
    found = await service.look(session, platform.plugins, client)
    rights_of = {right.code: _(right.title) for _code, right in platform.plugins.collect_all("register_permissions")}
    return render(request, "golive/way.html", way=found, may=actor.may, manage=MANAGE, home=PATH, rights_of=rights_of)


@get(PATH + "/steps/{code:str}", opt=ACT, include_in_schema=False)
async def step_form(request: Request, session: Open, client: Whose, platform: Running, code: FromPath[str]) -> Response:
    """Who takes a step on?"""
    return await _step(request, session, platform, client, code)


@post(PATH + "/steps/{code:str}", opt=ACT, include_in_schema=False)
async def step_take_on(
    request: Request, session: Open, actor: Who, client: Whose, platform: Running, code: FromPath[str], data: URLEncodedBody[StepForm]
) -> Response:
    """This one does, until that day."""
    try:
        await service.take_on(session, platform.plugins, client, code, data.patch(), actor, await service.colleagues(session))
    except StepNotFound:
        raise
    except PlatformError as error:
        return await _step(request, session, platform, client, code, data, error)
    return redirect(request, f"{PATH}#step-{code}", success=_("已保存"))


async def _step(
    request: Request, session: Session, platform: Platform, client: ClientProfile, code: str, data: StepForm | None = None,
    error: PlatformError | None = None,
) -> Response:
    found = await service.look(session, platform.plugins, client)
    step = next((step for step in found.steps if step.code == code), None)
    if step is None:
        raise StepNotFound()
    people = list((await service.colleagues(session)).items())
    owners = [("client", _("本单位人员")), ("bank", _("开户网点")), ("channel", _("支付渠道")), *people]
    shown = data or StepForm(owner=step.owner_id or step.owner, due_on=step.due_on.isoformat(), note=step.note)
    errors = {field_of(error): translated(error)} if error else {}
    return render(
        request, "golive/step.html", status=error.status if error else 200, step=step, owners=owners, data=shown, errors=errors,
        back=PATH, action=f"{PATH}/steps/{code}", shell="layouts/console.html", crumbs=[(_("上线"), PATH), (step.title, None)],
    )  # fmt: skip


@post(PATH + "/live", opt=ACT, include_in_schema=False)
async def begin_collecting(request: Request, session: Open, actor: Who, client: Whose, platform: Running) -> Response:
    """Everything is there: the client collects from now on."""
    await service.go_live(session, platform.plugins, client, actor)
    return redirect(request, PATH, success=_("已开通收费，开户网点会看到"))


@get(TRIAL, opt=LOOK, include_in_schema=False)
async def trial_newest(request: Request, session: Open, actor: Who, client: Whose, platform: Running) -> Response:
    """The last trial, or the button that begins one."""
    return await _trial(request, session, actor, client, platform, await trials.newest(session))


@post(TRIAL, opt=ACT, include_in_schema=False)
async def trial_make(request: Request, session: Open, actor: Who, data: URLEncodedBody[TrialForm]) -> Response:
    """A test bill of one cent."""
    trial_id = await trials.make(session, actor, uuid_of(data.merchant))
    return redirect(request, f"{TRIAL}/{trial_id}", success=_("测试账单已生成，用手机扫码付款"))


@get(TRIAL + "/{trial_id:uuid}", opt=LOOK, include_in_schema=False)
async def trial_page(request: Request, session: Open, actor: Who, client: Whose, platform: Running, trial_id: FromPath[UUID]) -> Response:
    """One trial, followed until it is reconciled."""
    return await _trial(request, session, actor, client, platform, await trials.find(session, trial_id))


@post(TRIAL + "/{trial_id:uuid}/refund", opt={"permission": "refunds.refund.make"}, include_in_schema=False)
async def trial_refund(
    request: Request, session: Open, actor: Who, client: Whose, platform: Running, trial_id: FromPath[UUID]
) -> Response:
    """Give the cent back, as any other refund."""
    made = await trials.refund(session, platform, client, trial_id, actor)
    said = _("退款已提交，等待另一位同事复核") if made.status == "requested" else _("退款已提交渠道")
    return redirect(request, f"{TRIAL}/{trial_id}", success=said)


async def _trial(
    request: Request, session: Session, actor: Actor, client: ClientProfile, platform: Platform, trial: TrialRead | None
) -> Response:
    link = f"{platform.settings.public_url}/h5/{client.code}/code?code={trial.pay_code}" if trial else ""
    merchants = [(str(row.id), row.name) for row in await trials_repository.list_collecting(session)]
    return render(
        request, "golive/trial.html", refresh_seconds=5 if trial and trial.stage in FOLLOWED else None, trial=trial, link=link,
        merchants=merchants, may=actor.may, manage=MANAGE, base=TRIAL, home=PATH, followed=FOLLOWED,
        trace=await _traced(session, actor, platform, trial), demo=platform.settings.demo,
    )  # fmt: skip


async def _traced(session: Session, actor: Actor, platform: Platform, trial: TrialRead | None) -> object:
    """The life of the cent, link by link, for whoever may follow money."""
    if trial is None or not trial.paid_at or not actor.may(rights.READ):
        return None
    try:
        answer = await traces.trace(session, trial.order_number, actor, "", tuple(platform.channels))
    except NumberUnknown:
        return None
    return answer.trace


ROUTES = [way_page, step_form, step_take_on, begin_collecting, trial_newest, trial_make, trial_page, trial_refund]
