"""What the ticket of an order's bill shows besides core's own facts: who bore what, the visit, the department (domain book 01 §2.8).

Never an item, a drug or a diagnosis. Who bore what is said only while it is true: once a part went back or the insurer took its share back,
a ticket issued again for the rest names the visit alone.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from core import money
from core.database import Row, Session
from core.web.i18n import N_
from plugins.medical.orders import ticket_repository

CHARGED = ("register", "outpatient", "discharge")
"""The kinds that charge something; a deposit is the patient's own money until the stay is settled."""
STANDING = ("pre_settled", "settled", "cleared")
FUND, ACCOUNT, MUTUAL_AID, CASH = N_("医保统筹支付"), N_("个人账户支付"), N_("家庭共济支付"), N_("个人现金支付")
SHARED, OWN = N_("个人自付"), N_("个人自费")
RECORD, OUTPATIENT, INPATIENT, DEPARTMENT, SERIAL = N_("病历号"), N_("门诊号"), N_("住院号"), N_("科室"), N_("业务流水号")


async def propose(session: Session, bill_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[tuple[str, str]]]:
    """Labels and values by bill, in the order they are printed; nothing for bills that are no order's."""
    return {row.bill_id: [*_borne(row), *_visit(row)] for row in await ticket_repository.list_of_bills(session, bill_ids)}


def _borne(row: Row) -> list[tuple[str, str]]:
    if row.kind not in CHARGED or not row.whole:
        return []
    if row.settled is None:
        return [(FUND, _yuan(0)), (ACCOUNT, _yuan(0)), (CASH, _yuan(row.cash_fen))]
    if row.settled not in STANDING:
        return []
    told = [(FUND, _yuan(row.fund_pay_sumamt_fen)), (ACCOUNT, _yuan(row.acct_pay_fen))]
    if row.acct_mulaid_pay_fen:
        told.append((MUTUAL_AID, _yuan(row.acct_mulaid_pay_fen)))
    told.append((CASH, _yuan(row.psn_cash_pay_fen)))
    if row.psn_part_amt_fen >= row.fulamt_ownpay_amt_fen and row.psn_part_amt_fen:  # an interface that does not tell it leaves it at nothing
        told += [(SHARED, _yuan(row.psn_part_amt_fen - row.fulamt_ownpay_amt_fen)), (OWN, _yuan(row.fulamt_ownpay_amt_fen))]
    return told


def _visit(row: Row) -> list[tuple[str, str]]:
    visit = INPATIENT if row.visit_kind == "inpatient" else OUTPATIENT
    told = [(RECORD, row.patient_no), (visit, row.visit_no or ""), (DEPARTMENT, row.department), (SERIAL, row.his_bill_no)]
    return [(label, value) for label, value in told if value]


def _yuan(fen: int) -> str:
    return money.format_yuan(fen).replace(",", "")
