"""Finance hears in the bell of an order that HIS did not take, while there is still time before its money goes back."""

import datetime as dt

from core import clock
from core.database import Row, Session
from core.identity import accounts_repository as accounts
from core.money import format_yuan
from core.notices import service as notices
from core.notices.events import NoticeEvent, Words
from core.notices.schemas import StaffTold
from core.web.i18n import N_
from plugins.medical.his import repository
from plugins.medical.people.roles import ROLES

REPOST = "medical.his.repost"
FEW = 5
"""So many orders that failed just now are told one by one; when HIS is down altogether one entry in ten minutes says how many there are."""
JUST_NOW = dt.timedelta(minutes=10)
PAGE = "/console/medical/post-failures"

POST_FAILED = NoticeEvent(
    code="medical_post_failed", title=N_("HIS 没有上账"), audience="staff", means=frozenset({"inbox"}), quiet=False,
    variables={
        "number": (N_("订单号"), "M2609010001"), "amount": (N_("金额（元）"), "74.56"), "until": (N_("自动退款时间"), "10:35"),
        "orders": (N_("上账失败笔数"), "1"),
    },
    words={
        "zh": Words(
            "HIS 没有上账", "订单 {{ number }}（{{ amount }} 元）患者已付，HIS 三次没有上账；{{ until }} 起自动退回患者。"
            "现有 {{ orders }} 笔上账失败，请核对或重新上账。",
        ),
        "en": Words(
            "HIS did not take an order", "Order {{ number }} ({{ amount }} yuan) was paid and HIS failed to book it three times; from {{ until }} on "
            "it goes back to the patient. Failed orders now: {{ orders }}. Look into them or post them again.",
        ),
    },
)  # fmt: skip
EVENTS = (POST_FAILED,)


async def tell(session: Session, minutes: dt.timedelta) -> int:
    """Tell whoever may post again of orders that failed just now, each once; their money goes back after `minutes`. Answers how many entries are new."""
    now = clock.now()
    failed = await repository.list_just_failed(session, now - JUST_NOW, FEW + 1)
    if not failed:
        return 0
    waiting = (await repository.sum_failed(session)).orders
    told = [(row.number, facts_of(row, minutes, waiting)) for row in failed]
    if len(failed) > FEW:
        told = [(f"{now:%Y%m%d%H%M}"[:-1], told[0][1] | {"path": PAGE})]
    people = {person.id for role in ROLES if REPOST in role.permissions for person in await accounts.list_holders(session, role.code)}
    entries = [StaffTold(occasion=occasion, user_id=each, facts=facts) for each in sorted(people) for occasion, facts in told]
    return await notices.tell_staff(session, POST_FAILED, entries)


def facts_of(row: Row, minutes: dt.timedelta, waiting: int) -> dict[str, str]:
    """What fills the words."""
    failed, until = (moment.astimezone(clock.SHANGHAI) for moment in (row.post_failed_at, row.post_failed_at + minutes))
    told = f"{until:%H:%M}" if until.date() == failed.date() else f"{until:%m-%d %H:%M}"
    return {"number": row.number, "amount": format_yuan(row.cash_fen), "until": told, "orders": str(waiting), "path": f"{PAGE}/{row.number}"}
