"""The trial of one cent: a test bill, paid like any other, given back by the ordinary refund, found in the channel's file of its days.

It is real money, so it stands in every report and in the books under its own item 上线测试; given back, it adds nothing to any of them.
"""

import datetime as dt
from uuid import NAMESPACE_URL, UUID, uuid5

from core import clock, ids
from core.billing.issuing import issue
from core.billing.schemas import BillDraft, LineDraft
from core.database import Row, Session
from core.golive import trials_repository as repository
from core.golive.errors import NoMerchantCollects, TrialNotFound, TrialNotPaid, TrialOpen
from core.golive.schemas import TrialDay, TrialRead
from core.golive.states import CHANNEL, SECOND
from core.golive.steps import Evidence, Seen, doing, done, waiting
from core.identity import audit
from core.identity.actor import Actor
from core.payers.schemas import PartyRow
from core.payers.service import upsert_parties
from core.platform import Platform
from core.refunds import desk
from core.refunds.schemas import RefundAsk, RefundRead
from core.tenancy.schemas import ClientProfile
from core.web.i18n import gettext as _

CENT = 1
"""Fen."""
OWN, NUMBER, NAME, ITEM = "core", "SXCS", "上线测试", "GOLIVE"
"""Whose bill it is, and what it is called on bills, receipts and in reports."""
PATH = "/console/go-live/trial"
DAYS_TO_PAY = 7
GIVEN_UP = ("rejected", "cancelled", "failed")


async def newest(session: Session) -> TrialRead | None:
    """The last trial, if one was made."""
    row = await repository.newest(session)
    return None if row is None else await _read(session, row)


async def find(session: Session, trial_id: UUID) -> TrialRead:
    """One trial; TrialNotFound where there is none."""
    row = await repository.find(session, trial_id)
    if row is None:
        raise TrialNotFound()
    return await _read(session, row)


async def make(session: Session, by: Actor, merchant_id: UUID | None = None) -> UUID:
    """One more test bill of a cent, for a merchant that can be paid (the first, unless one is named). Raises TrialOpen while one is unpaid."""
    await repository.hold(session)
    last = await repository.newest(session)
    if last is not None and last.payment_id is None:
        raise TrialOpen()
    merchants = {row.id: row.name for row in await repository.list_collecting(session)}
    if not merchants or (merchant_id is not None and merchant_id not in merchants):
        raise NoMerchantCollects()
    merchant_id = merchant_id or next(iter(merchants))
    position = last.position + 1 if last else 1
    trial_id = ids.uuid7()
    bill_id = await _bill(session, position, merchant_id)
    row = {"id": trial_id, "position": position, "bill_id": bill_id, "merchant_id": merchant_id, "made_by": by.name}
    await repository.add(session, row)
    after = {"amount_fen": CENT, "merchant": merchants[merchant_id], "position": position}
    await audit.record(session, by, "golive.trial.make", "go_live_trial", trial_id, after=after)
    return trial_id


async def _bill(session: Session, position: int, merchant_id: UUID) -> UUID:
    party = PartyRow(
        id=uuid5(NAMESPACE_URL, f"{session.tenant_id}/go-live"), plugin=OWN, number=NUMBER, name=NAME, name_pinyin="sxcs shangxianceshi",
        org_id=await repository.root_unit(session),
    )  # fmt: skip
    await upsert_parties(session, [party])
    line = LineDraft(
        item_code=ITEM, item_name=NAME, category=NAME, merchant_id=merchant_id, unit_price_fen=CENT, amount_fen=CENT, discount_fen=0,
        mandatory=True, rule={"explanation": [["用途", "上线前的一分钱测试，付款后退回"]]},
    )  # fmt: skip
    now, source = clock.now(), f"core.golive:{position}"
    draft = BillDraft(
        plugin=OWN, source=source, party_id=party.id, org_id=party.org_id, title=f"{NAME}（0.01 元，付后退回）", period=NAME,
        due_on=clock.today() + dt.timedelta(days=DAYS_TO_PAY), visible_from=now, lines=(line,), allow_partial=False, allow_merge=False,
    )  # fmt: skip
    await issue(session, [draft])
    return await repository.bill_of(session, source)


async def refund(session: Session, platform: Platform, client: ClientProfile, trial_id: UUID, by: Actor) -> RefundRead:
    """Give the cent back by the ordinary refund: held, with a second person where the client's limit wants one, sent to the channel."""
    trial = await find(session, trial_id)
    if trial.stage != "paid":
        raise TrialNotPaid()
    ask = RefundAsk(amount_fen=trial.amount_fen, reason=_("上线测试，退回一分钱"), bill_id=trial.bill_id)
    made = await desk.request(session, platform, client, ask, by)
    after = {"number": made.number, "amount_fen": made.amount_fen}
    await audit.record(session, by, "golive.trial.refund", "go_live_trial", trial.id, after=after)
    return made


def seen(trial: TrialRead) -> Seen:
    """How the step of the trial stands."""
    here = {"path": f"{PATH}/{trial.id}", "task": _("继续一分钱测试")}
    if trial.stage == "unpaid":
        return doing(_("测试账单等付款：用手机扫码付 0.01 元"), **here)
    if trial.stage == "paid":
        return doing(_("0.01 元已收到，等经办人退回"), **here)
    if trial.stage == "refunding" and trial.refund_status == "requested":
        return waiting(_("退款 %(number)s 等第二个人复核", number=trial.refund_number), SECOND, **here)
    if trial.stage == "refunding":
        return waiting(_("退款 %(number)s 等渠道答复", number=trial.refund_number), CHANNEL, **here)
    if trial.stage == "refunded":
        return _unreconciled(trial, here)
    return done(
        Evidence(text=_("付款 %(number)s", number=trial.order_number), path=f"/console/trace?number={trial.order_number}", at=trial.paid_at),
        Evidence(text=_("退款 %(number)s", number=trial.refund_number), path=f"/console/refunds/{trial.refund_id}", at=trial.refunded_at),
        *(
            Evidence(text=_("%(day)s 已对账", day=day), path=f"/console/reconciliation/{day}")
            for day in dict.fromkeys(each.day for each in trial.days)
        ),
    )


def _unreconciled(trial: TrialRead, here: dict[str, str]) -> Seen:
    open_day = next(day for day in trial.days if not day.agrees)
    if not open_day.over or not open_day.file_there:
        return waiting(_("付款与退款都已完成，等 %(day)s 的渠道对账文件（次日上午）", day=open_day.day), CHANNEL, **here)
    if open_day.differs or not open_day.told:
        return doing(_("%(day)s 的渠道文件与平台不一致，请查看差异", day=open_day.day), **here)
    return doing(_("%(day)s 的文件已到，还没有对账", day=open_day.day), **here)


async def _read(session: Session, row: Row) -> TrialRead:
    days = await _days(session, row)
    return TrialRead(
        id=row.id, position=row.position, stage=_stage(row, days), bill_id=row.bill_id, bill_number=row.bill_number, pay_code=row.pay_code,
        amount_fen=row.amount_fen, merchant_name=row.merchant_name, made_by=row.made_by, created_at=row.created_at,
        channel=row.channel or "", order_number=row.order_number or "", order_status=row.order_status or "", paid_at=row.paid_at,
        refund_id=row.refund_id, refund_number=row.refund_number or "", refund_status=row.refund_status or "",
        refunded_at=row.refunded_at if row.refund_status == "success" else None, days=days,
    )  # fmt: skip


def _stage(row: Row, days: list[TrialDay]) -> str:
    if row.payment_id is None:
        return "unpaid"
    if row.refund_id is None or row.refund_status in GIVEN_UP:
        return "paid"
    if row.refund_status != "success":
        return "refunding"
    return "reconciled" if all(day.agrees for day in days) else "refunded"


async def _days(session: Session, row: Row) -> list[TrialDay]:
    """The day of the payment and that of the refund."""
    if row.payment_id is None:
        return []
    asked = [(clock.business_day(row.paid_at), row.order_number, "pay")]
    if row.refund_status == "success":
        asked.append((clock.business_day(row.sent_at or row.refunded_at), row.item_number, "refund"))
    today, kinds = clock.today(), {number: kind for _day, number, kind in asked}
    found = [
        TrialDay(
            day=each.day, number=each.number, kind=kinds[each.number], file_there=each.file_there, told=each.told, differs=each.differs,
            status=each.status or "", over=each.day < today,
        )
        for each in await repository.list_days(session, row.channel, asked)
    ]  # fmt: skip
    return sorted(found, key=lambda each: each.kind)
