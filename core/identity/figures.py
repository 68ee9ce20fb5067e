"""The key figures of those who look after people: who can log in, and what was done today."""

import datetime as dt

from core import clock
from core.database import Session
from core.identity import accounts_repository, repository
from core.identity.actor import Actor
from core.identity.worklist import Figure
from core.web.filters import number
from core.web.i18n import gettext as _


async def users(session: Session, _by: Actor) -> Figure:
    """How many people can log in."""
    found = await accounts_repository.count_users(session)
    return Figure(number(found.active), _("其中 %(n)s 人还没有首次登录", n=number(found.fresh)) if found.fresh else "", _("可以登录的人"))


async def trail(session: Session, _by: Actor) -> Figure:
    """How much was done today."""
    start = dt.datetime.combine(clock.today(), dt.time(), clock.SHANGHAI)
    return Figure(number(await repository.count_audit(session, start)), "", _("今天写入操作日志的记录"))
