"""Core's own eight steps (domain book §12), each read from what is there: what is missing, and who owes it."""

from core.golive import facts_repository as facts
from core.golive import trials
from core.golive.states import BANK, CHANNEL, CLIENT, SECOND
from core.golive.steps import Evidence, Ground, Seen, Step, doing, done, todo, waiting
from core.printing.service import POSTERS
from core.web.i18n import N_, listed
from core.web.i18n import gettext as _

MAKE, CHECK = "refunds.refund.make", "refunds.refund.check"
"""Whoever proposes and whoever agrees where money moves."""


async def profile(ground: Ground) -> Seen:
    """The client is in use, its legal name and code are known, its administrator has taken over."""
    merchants = await facts.list_merchants(ground.session)
    if ground.client is not None and ground.client.status == "draft":
        return waiting(_("开户网点还没有启用本单位"), BANK)
    if not merchants:
        return waiting(_("开户网点还没有登记收款商户"), BANK)
    bare = [row.name for row in merchants if not row.uscc or not row.legal_name]
    if bare:
        return waiting(_("%(names)s 没有统一社会信用代码", names=listed(bare)), BANK, path="/console/merchants")
    users = await facts.list_users(ground.session)
    if all(user.must_change_password for user in users):
        return todo(_("管理员还没有首次登录"))
    return done(Evidence(text=_("%(name)s，%(uscc)s", name=merchants[0].legal_name, uscc=merchants[0].uscc), path="/console/merchants"))


async def merchants(ground: Ground) -> Seen:
    """Every merchant collects, with a checked settlement account, over at least one channel."""
    rows = await facts.list_merchants(ground.session)
    for row in rows:
        if row.status != "active":
            return _merchant_lacks(row)
    if not rows:
        return waiting(_("还没有收款商户"), BANK)
    accounts = await facts.list_channel_accounts(ground.session)
    active = [row for row in accounts if row.status == "active"]
    pending = next((row for row in accounts if row.status == "pending"), None)
    if not active and pending is not None:
        return waiting(_("商户号 %(mchid)s 等另一位同事复核", mchid=pending.mchid), SECOND, path=f"/console/channels/{pending.id}")
    if not active:
        return doing(_("还没有接入支付渠道：填写商户号与密钥"), path="/console/channels")
    failed = next((row for row in active if row.tested == "false"), None)
    if failed is not None:
        return doing(_("商户号 %(mchid)s 的连通测试没有通过", mchid=failed.mchid), path=f"/console/channels/{failed.id}#probe")
    names = listed(row.name for row in rows)
    return done(
        Evidence(text=_("%(n)s 个商户可收款：%(names)s", n=len(rows), names=names), path="/console/merchants"),
        Evidence(text=_("%(n)s 个渠道商户号在用", n=len(active)), path="/console/channels"),
    )


def _merchant_lacks(row: object) -> Seen:
    case = f"/console/onboarding/{row.case_id}" if row.case_id else ""
    if row.case_status in ("bank_rejected", "channel_rejected", "signing_rejected", "draft"):
        return doing(_("“%(name)s”的进件要填写后提交", name=row.name), path=case)
    if row.case_status in ("submitted", "bank_review"):
        return waiting(_("“%(name)s”的进件等网点审核", name=row.name), BANK, path=case)
    if row.case_status == "channel_review":
        return waiting(_("“%(name)s”的进件等渠道审核", name=row.name), CHANNEL, path=case)
    if row.case_status == "signing":
        return doing(_("“%(name)s”等签约人确认费率", name=row.name), path=case)
    if row.accounts:
        return waiting(_("“%(name)s”等网点启用", name=row.name), BANK)
    if row.pending:
        return waiting(_("“%(name)s”的结算账户等另一位同事复核", name=row.name), SECOND, path="/console/merchants")
    return doing(_("“%(name)s”还没有结算账户", name=row.name), path="/console/merchants")


async def tree(ground: Ground) -> Seen:
    """There is an org tree."""
    found = await facts.count_units(ground.session)
    if not found.units:
        return todo(_("还没有组织架构"))
    return done(Evidence(text=_("%(n)s 个组织单元", n=found.units), path="/console/org", at=found.at))


async def staff(ground: Ground) -> Seen:
    """Two people at least: one who proposes where money moves, another who agrees."""
    users = await facts.list_users(ground.session)
    if len(users) < 2:
        return todo(_("还只有一个人能登录：经办与复核必须是两个人"))
    if ground.roles:
        makers, checkers = ([user for user in users if _may(user, ground, right)] for right in (MAKE, CHECK))
        if not makers:
            return doing(_("还没有人能经办退款：授予财务（经办）"))
        if not any(checker.id != maker.id for maker in makers for checker in checkers):
            return doing(_("还没有第二个人能复核退款：授予财务（复核）"))
    return done(Evidence(text=_("%(n)s 人能登录，经办与复核分开", n=len(users)), path="/console/users"))


def _may(user: object, ground: Ground, right: str) -> bool:
    return any(right in ground.roles[role].permissions for role in user.roles if role in ground.roles)


async def people(ground: Ground) -> Seen:
    """There is somebody to bill."""
    count = await facts.count_people(ground.session)
    if not count:
        return _without_plugin(ground) or todo(_("还没有缴费对象的名册"))
    many = _("%(n)s 个以上缴费对象", n=count) if count == facts.MOST else _("%(n)s 个缴费对象", n=count)
    return done(Evidence(text=many))


async def prices(ground: Ground) -> Seen:
    """There is something to charge for."""
    count = await facts.count_items(ground.session)
    if not count:
        return _without_plugin(ground) or todo(_("还没有收费项目"))
    return done(Evidence(text=_("%(n)s 个收费项目", n=count)))


def _without_plugin(ground: Ground) -> Seen | None:
    """Rosters and prices are a vertical's: without one it is the branch's turn."""
    if ground.client is not None and not ground.client.plugins:
        return waiting(_("开户网点还没有为本单位开启行业插件"), BANK)
    return None


async def trial(ground: Ground) -> Seen:
    """A cent was paid, given back, and found in the channel's file of its days."""
    made = await trials.newest(ground.session)
    if made is not None:
        return trials.seen(made)
    real = await facts.first_payment(ground.session)
    if real is not None:
        return done(Evidence(text=_("已有真实缴费，无须测试"), path="/console/payments", at=real.paid_at))
    return todo(_("用 0.01 元走一遍：付款、退款、对账"))


async def publish(ground: Ground) -> Seen:
    """Bills are out, and payers find their way to them."""
    first = await facts.first_bill(ground.session)
    if first is None:
        return todo(_("还没有发布账单"))
    return await posted(ground, Evidence(text=_("第一张账单 %(number)s", number=first.number), path=f"/console/bills/{first.id}", at=first.issued_at))


async def posted(ground: Ground, *published: Evidence) -> Seen:
    """What is left once bills are out: the poster with the QR."""
    poster = await facts.last_job(ground.session, POSTERS)
    if poster is None:
        return doing(_("账单已发布，缴费海报还没有打印"), evidence=published, path="/console/printing", task=_("打印缴费海报"))
    return done(*published, Evidence(text=_("缴费海报已打印"), path=f"/console/jobs/{poster.id}", at=poster.finished_at))


STEPS = (
    Step(
        code="profile", title=N_("单位资料与证照"), task=N_("查看商户资料"), owner=BANK, within_days=1, position=10, look=profile,
        path="/console/merchants", permission="tenancy.merchant.read", bank_path="/bank/clients/{client}", hint=N_("由开户网点登记并启用"),
    ),
    Step(
        code="merchants", title=N_("商户与渠道（进件）"), task=N_("办理进件"), owner=CLIENT, within_days=3, position=20, look=merchants,
        path="/console/onboarding", permission="onboarding.case.manage", bank_path="/bank/clients/{client}",
        hint=N_("结算账户、渠道商户号与密钥都要第二个人复核"),
    ),
    Step(
        code="org", title=N_("组织架构"), task=N_("建立组织架构"), owner=CLIENT, within_days=3, position=30, look=tree, path="/console/org",
        permission="identity.org.manage", hint=N_("人员的权限与账单都归到组织单元"),
    ),
    Step(
        code="staff", title=N_("人员与角色"), task=N_("为同事建立账号并授予角色"), owner=CLIENT, within_days=3, position=40, look=staff,
        path="/console/users", permission="identity.role.grant", hint=N_("经办与复核必须是两个人"),
    ),
    Step(
        code="people", title=N_("名册"), task=N_("导入名册"), owner=CLIENT, within_days=4, position=50, look=people, path="/console/imports",
        permission="imports.make", hint=N_("账单开给名册里的人"), after=("org",),
    ),
    Step(
        code="prices", title=N_("收费项目与标准"), task=N_("设置收费项目"), owner=CLIENT, within_days=5, position=60, look=prices,
        path="/console/imports", permission="imports.make", hint=N_("收多少钱，由第二个人复核"),
    ),
    Step(
        code="trial", title=N_("一分钱测试"), task=N_("做一分钱测试"), owner=CLIENT, within_days=6, position=70, look=trial,
        path="/console/go-live/trial", permission="golive.way.manage", hint=N_("真的付 0.01 元，再退回来，第二天与渠道对上"), after=("merchants",),
    ),
    Step(
        code="publish", title=N_("发布账单与缴费海报"), task=N_("查看账单"), owner=CLIENT, within_days=7, position=80, look=publish,
        path="/console/bills", permission="billing.bill.read", hint=N_("缴费人扫海报上的二维码缴费"), after=("people", "prices"), needed=False,
    ),
)  # fmt: skip
"""Days are counted from the start; a client is live within a week (domain book §3.1, the school of Jinjiang)."""
