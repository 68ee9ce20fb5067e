"""What a remedy needs besides its kind, checked when it is proposed: an owner for credit, a way for a refund, a day for a chase, a limit."""

import datetime as dt
from collections.abc import Mapping

from core import clock
from core.billing import lists as bills
from core.billing import service as billing
from core.billing.filters import day_of, word_of
from core.database import Row, Session
from core.errors import NotFound, PlatformError
from core.identity.actor import Actor
from core.masking import mask_name
from core.money import format_yuan
from core.payers import service as payers
from core.payments import lists_repository
from core.reconciliation import rights
from core.reconciliation.remedies import posting, repository
from core.reconciliation.remedies.refusals import BadRemedy, RemedyTooLarge

Settings = Mapping[str, object]
WRITE_OFF_LIMIT_FEN = 100_000
CHASE_DAYS = 3
MOST_DAYS = 90


async def checked(session: Session, settings: Settings, row: Row, kind: str, fen: int, given: Mapping[str, str], by: Actor) -> dict[str, object]:
    """The target to be kept with the proposal; BadRemedy says what is missing."""
    if kind == "credit":
        return await _credit(session, given, fen, by)
    if kind == "refund":
        return _refund(given)
    if kind == "chase":
        return _chase(settings, given)
    if kind == "write_off":
        return await _write_off(session, settings, row, fen, given)
    return {}


async def _credit(session: Session, given: Mapping[str, str], fen: int, by: Actor) -> dict[str, object]:
    number, person = word_of(given, "bill_number").upper(), word_of(given, "person_number")
    if bool(number) == bool(person):
        raise BadRemedy(why="请填写账单号，或填写人员编号（二选一）")
    if person:
        found = await lists_repository.find_person(session, person)
        if len(found) != 1:
            raise BadRemedy(why=f"没有找到编号“{person[:40]}”的人，请核对后重填".replace("{", "(").replace("}", ")"))
        party = await payers.find_party(session, found[0].id)
        return {"bill_id": None, "party_id": str(party.id), "told": f"{mask_name(party.name)} {party.number}"}
    try:
        bill = await bills.bill_of_number(session, number, by, rights.HANDLE)
    except NotFound as error:
        raise BadRemedy(why=error.message) from error
    billing.check_payable(bill, fen, merged=False)
    return {"bill_id": str(bill.id), "party_id": None, "told": bill.number}


def _refund(given: Mapping[str, str]) -> dict[str, object]:
    way = word_of(given, "way") or "channel"
    if way not in ("channel", "outside"):
        raise BadRemedy(why="退款方式只能是原路退回，或登记已在渠道后台退款")
    if way == "channel":
        return {"way": way}
    reference, evidence = word_of(given, "reference")[:64], word_of(given, "evidence")
    if not reference or not evidence:
        raise BadRemedy(why="已在渠道后台退款的，请填写渠道退款单号和凭据说明")
    return {"way": way, "reference": reference, "evidence": evidence}


def _chase(settings: Settings, given: Mapping[str, str]) -> dict[str, object]:
    try:
        due_on = day_of(given.get("due_on"))
    except PlatformError as error:
        raise BadRemedy(why="追款期限不是日期") from error
    today = clock.today()
    due_on = due_on or today + dt.timedelta(days=_number(settings, "reconciliation.chase_days", CHASE_DAYS))
    if not today <= due_on <= today + dt.timedelta(days=MOST_DAYS):
        raise BadRemedy(why=f"追款期限应在今天到 {MOST_DAYS} 天之内")
    return {"due_on": due_on.isoformat()}


async def _write_off(session: Session, settings: Settings, row: Row, fen: int, given: Mapping[str, str]) -> dict[str, object]:
    limit_fen = _number(settings, "reconciliation.write_off_limit_fen", WRITE_OFF_LIMIT_FEN)
    if fen > limit_fen and posting.direction(row) != "business":
        raise RemedyTooLarge(f"核销上限是 {format_yuan(limit_fen)} 元，这一笔 {format_yuan(fen)} 元，请追款或退款")
    merchant = await repository.merchant_of(session, row)
    bearer = word_of(given, "bearer") or ("merchant" if row.payment_id and merchant else "house")
    if bearer not in ("merchant", "house") or (bearer == "merchant" and merchant is None):
        raise BadRemedy(why="承担方应为商户或本单位；这条差异对应不到唯一的商户时只能由本单位承担")
    return {"bearer": bearer, "merchant": merchant.code if merchant and bearer == "merchant" else ""}


def _number(settings: Settings, name: str, usual: int) -> int:
    value = settings.get(name, usual)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else usual
