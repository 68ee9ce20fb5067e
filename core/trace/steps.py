"""How each link adds up to the next, in figures and words, and where the chain ends and why.

Bills = payments = channel file = books → arrived in the clearing account → settled to the merchants → paid into their accounts.
"""

from collections.abc import Sequence

from core import clock
from core.money import format_yuan
from core.reconciliation.states import OPEN
from core.trace.following import ONE_DAY, Chain
from core.trace.outside_repository import Place
from core.trace.schemas import Payment, RefundPart, Step
from core.web.filters import status_label
from core.web.i18n import gettext as _
from core.web.i18n import listed

DONE, WAITING, OPEN_STATE, NONE = "done", "waiting", "open", "none"
WAY = ("bills", "payment", "channel", "ledger", "arrival", "settlement", "payout")
_OUT = ("closed", "cancelled")


def steps_of(chain: Chain) -> list[Step]:
    """The seven links, in the order in which money goes."""
    made = [_bills(chain), _payment(chain), _channel(chain), _ledger(chain), _arrival(chain), _settlement(chain), _payout(chain)]
    return [step for step in made if step is not None]


def ends_of(steps: Sequence[Step], differences: int) -> tuple[bool, str]:
    """Whether the chain is closed from end to end, and otherwise where it stands and why."""
    stands = next((step for step in steps if step.state in (WAITING, OPEN_STATE)), None)
    done = {step.code for step in steps if step.state == DONE}
    if stands is None and not differences and {"payment", "channel"} <= done:
        if {"ledger", "settlement"} <= done:
            return True, _("链路完整：从账单到银行，每一分都对上了。")
        return True, _("平台与渠道逐分对上；这笔钱在别的平台收取，记账、到账与结算不在这里。")
    if stands is None and not differences and done:
        return False, _("只有一方提到这笔钱，还没有与其他各方比对。")
    if stands is None:
        return False, _("还有 %(n)s 个差异没有处理完。", n=differences) if differences else _("这里还没有发生任何收付。")
    word = status_label(stands.code, "trace_step")
    return False, _("链路到“%(step)s”为止：%(why)s", step=word, why=stands.why)


def posted(chain: Chain) -> list[RefundPart]:
    """Refunds that are in the books."""
    return [part for part in chain.refunds if part.journal_id is not None]


def paid_fen(chain: Chain) -> int:
    """What came less what went back, of the payments in the chain."""
    return sum(payment.amount_fen for payment in chain.payments) - sum(part.amount_fen for part in posted(chain))


def _bills(chain: Chain) -> Step | None:
    if not chain.payments:
        return _nothing_paid(chain) if chain.bills else None
    lies: dict[str, int] = {}
    for place in chain.placements:
        if place.kind == "bill":
            where = _("账单 %(bill)s 第 %(no)s 行 %(item)s", bill=place.bill_number, no=place.line_no, item=place.item)
        else:
            where = _("家庭余额") if place.kind == "credit" else _("长款挂账")
        lies[where] = lies.get(where, 0) + place.amount_fen
    if chain.hidden_fen:
        lies[_("其他单位的账单")] = chain.hidden_fen
    lies = {where: fen for where, fen in lies.items() if fen}
    lost = sum(place.amount_fen for place in chain.placements if place.kind == "suspense")
    total = sum(lies.values())
    sums = _added(paid_fen(chain), lies) if lies else _("已全部退回")
    if total != paid_fen(chain):
        gap = format_yuan(paid_fen(chain) - total)
        return Step(code="bills", state=OPEN_STATE, count=len(lies), amount_fen=total, sums=sums, why=_("与收款相差 %(fen)s 元", fen=gap))
    why = _("其中 %(fen)s 元还没有归属，在长款挂账中等待处理", fen=format_yuan(lost)) if lost else ""
    return Step(code="bills", state=OPEN_STATE if lost else DONE, count=len(chain.bills), amount_fen=total, sums=sums, why=why)


def _nothing_paid(chain: Chain) -> Step:
    owed = sum(bill.amount_fen - bill.paid_fen for bill in chain.bills)
    why = _("账单还没有缴费") if any(bill.status in ("issued", "draft") for bill in chain.bills) else _("账单上没有收款")
    return Step(code="bills", state=WAITING, count=len(chain.bills), amount_fen=owed, sums=_("待缴 %(fen)s 元", fen=format_yuan(owed)), why=why)


def _payment(chain: Chain) -> Step | None:
    if chain.payments:
        came, back = sum(payment.amount_fen for payment in chain.payments), sum(part.amount_fen for part in posted(chain))
        word = _("收到 %(came)s − 退款 %(back)s = %(left)s", came=format_yuan(came), back=format_yuan(back), left=format_yuan(came - back))
        sums = word if back else _("收到 %(came)s", came=format_yuan(came))
        under_way = [part for part in chain.refunds if part.state not in ("success", *_OUT)]
        why = _("有 %(n)s 笔退款还在办理", n=len(under_way)) if under_way else ""
        return Step(
            code="payment", state=WAITING if under_way else DONE, count=len(chain.payments) + len(posted(chain)), amount_fen=came - back,
            sums=sums, why=why,
        )  # fmt: skip
    told = [line for line in chain.lines if line.side == "platform"]
    if told:
        fen = _net(told)
        return Step(code="payment", state=DONE, count=len(told), amount_fen=fen, sums=_("导入的平台流水 %(fen)s", fen=format_yuan(fen)))
    if chain.orders:
        last = chain.orders[-1]
        live = last.status in ("created", "pending")
        word = status_label(last.status, "payment")
        why = _("支付单 %(number)s：%(state)s", number=last.number, state=word)
        return Step(code="payment", state=WAITING if live else NONE, count=len(chain.orders), amount_fen=0, why=why)
    return None


def _channel(chain: Chain) -> Step | None:
    told = [line for line in chain.lines if line.side == "channel" and line.counts]
    if not chain.files_seen:
        return Step(code="channel", state=NONE, why=_("没有查看对账文件的权限")) if chain.payments else None
    by_desk = [entry for entry in chain.counter if entry.shift_status in (None, "accepted")]
    count, fen = len(told) + len(by_desk), _net(told) + sum(entry.amount_fen for entry in by_desk)
    if not chain.payments:
        return _channel_alone(chain, count, fen)
    why, state = _unseen(chain)
    if state == DONE and fen != paid_fen(chain):
        state, why = OPEN_STATE, _("渠道 %(theirs)s，平台 %(ours)s", theirs=format_yuan(fen), ours=format_yuan(paid_fen(chain)))
    fee = sum(line.fee_fen or 0 for line in told)
    sums = _("%(n)s 行共 %(fen)s，渠道手续费 %(fee)s", n=count, fen=format_yuan(fen), fee=format_yuan(fee)) if count else ""
    return Step(code="channel", state=state, count=count, amount_fen=fen, sums=sums, why=why)


def _channel_alone(chain: Chain, count: int, fen: int) -> Step | None:
    if count:
        sums = _("%(n)s 行共 %(fen)s", n=count, fen=format_yuan(fen))
        return Step(code="channel", state=DONE, count=count, amount_fen=fen, sums=sums)
    waiting = [item for item in chain.differences if item.status == "expected"]
    if chain.lines:
        why = _("等次日的渠道对账文件") if waiting else _("渠道对账文件里没有这一笔")
        return Step(code="channel", state=WAITING if waiting else OPEN_STATE, why=why)
    return None


def _unseen(chain: Chain) -> tuple[str, str]:
    """Payments and refunds that the channel's file does not tell of: why, and whether that is still to be expected."""
    numbers = {line.number for line in chain.lines if line.side == "channel"} | {line.order_number for line in chain.lines if line.kind == "pay"}
    theirs = {line.channel_number for line in chain.lines if line.side == "channel"}
    taken = {entry.payment_id for entry in chain.counter if entry.amount_fen > 0 and entry.shift_status in (None, "accepted")}
    for payment in chain.payments:
        if payment.order_number in numbers or payment.channel_txn_id in theirs or payment.id in taken:
            continue
        return _why_unseen(chain, payment, payment.paid_at)
    mchids = {payment.id: payment for payment in chain.payments}
    for part in posted(chain):
        payment = mchids.get(part.payment_id)
        if payment is None or part.number in numbers or (part.reference and part.reference in theirs) or part.by_hand or payment.channel == "counter":
            continue
        return _why_unseen(chain, payment, part.sent_at or part.created_at)
    return "", DONE


def _why_unseen(chain: Chain, payment: Payment, at: object) -> tuple[str, str]:
    if payment.channel == "counter":
        return _("收款的班次还没有交接验收"), WAITING
    day = clock.business_day(at)
    found = next((item for item in chain.differences if item.status in OPEN), None)
    if found is not None:
        return _("差异 %(code)s（%(klass)s）待处理", code=found.code, klass=status_label(found.klass, "difference_class")), OPEN_STATE
    if any(item.status == "expected" for item in chain.differences):
        return _("当日文件里没有这一笔，等次日文件（跨日在途，不算差异）"), WAITING
    there = {(file.channel, file.merchant_number, file.bill_on) for file in chain.files}
    if not any((payment.channel, payment.mchid, each) in there for each in (day, day + ONE_DAY)):
        return _("%(day)s 的渠道对账文件还没有取到", day=day.isoformat()), WAITING
    run = next((each for each in chain.days if each.bill_on == day), None)
    if run is None or run.status in ("created", "fetching", "ready", "matching", "file_missing"):
        return _("%(day)s 还没有完成对账", day=day.isoformat()), WAITING
    return _("渠道对账文件里没有这一笔"), OPEN_STATE


def _ledger(chain: Chain) -> Step | None:
    if not chain.payments:
        return None
    if not chain.books_seen:
        return Step(code="ledger", state=NONE, why=_("没有查看总账的权限"))
    mine = {f"payment.{word}" for word in ("succeeded", "succeeded.reversed")}
    found = [journal for journal in chain.journals if journal.event in mine or journal.event.startswith("refund.")]
    moved = sum(e.debit_fen - e.credit_fen for journal in found for e in journal.entries if e.account.startswith("A.CH."))
    other = sum(part.amount_fen for part in posted(chain) if part.by_hand)
    agrees = moved in (paid_fen(chain), paid_fen(chain) + other)
    sums = _("%(n)s 张凭证，渠道待清算款净增 %(fen)s", n=len(found), fen=format_yuan(moved))
    why = "" if agrees else _("总账 %(books)s，收付 %(paid)s", books=format_yuan(moved), paid=format_yuan(paid_fen(chain)))
    return Step(code="ledger", state=DONE if agrees else OPEN_STATE, count=len(found), amount_fen=moved, sums=sums, why=why)


def _arrival(chain: Chain) -> Step | None:
    if not chain.settlement_seen or not (chain.payments or chain.arrivals or chain.batches):
        return None
    mine = _arrivals_of(chain)
    if not mine:
        return Step(code="arrival", state=WAITING, why=_("渠道还没有结算到清算户")) if chain.payments else None
    came, owed = sum(each.arrived_fen for each in mine), sum(each.net_fen for each in mine)
    late = next((each for each in mine if each.status != "arrived"), None)
    fee = sum(each.fee_fen for each in mine)
    sums = _("当日整批：应到 %(net)s（交易 %(gross)s − 手续费 %(fee)s），已到 %(came)s", net=format_yuan(owed),
             gross=format_yuan(owed + fee), fee=format_yuan(fee), came=format_yuan(came))  # fmt: skip
    if late is None:
        return Step(code="arrival", state=DONE, count=len(mine), amount_fen=came, sums=sums)
    if late.status == "expected":
        return Step(code="arrival", state=WAITING, count=len(mine), amount_fen=came, sums=sums,
                    why=_("预计 %(day)s 到账", day=late.due_on.isoformat()))  # fmt: skip
    why = _("到账金额与渠道应结不符") if late.status == "differs" else _("过了约定日还没有到账")
    return Step(code="arrival", state=OPEN_STATE, count=len(mine), amount_fen=came, sums=sums, why=why)


def _arrivals_of(chain: Chain) -> list:
    """Arrivals of the days whose files tell of this money; until a file is there, those of its own days."""
    if not chain.payments:
        return chain.arrivals
    told: set[Place] = {(line.channel, line.merchant_number, line.bill_on) for line in chain.lines if line.side == "channel"}
    told = told or {(payment.channel, payment.mchid, clock.business_day(payment.paid_at)) for payment in chain.payments}
    return [each for each in chain.arrivals if (each.channel, each.merchant_number, each.bill_on) in told]


def _settlement(chain: Chain) -> Step | None:
    if not chain.settlement_seen or not (chain.payments or chain.batches):
        return None
    if not chain.payments:
        gross, net = sum(each.gross_fen for each in chain.batches), sum(each.net_fen for each in chain.batches)
        sums = _("%(n)s 笔共 %(gross)s，应结 %(net)s", n=chain.settled_count, gross=format_yuan(gross), net=format_yuan(net))
        return Step(code="settlement", state=DONE, count=chain.settled_count, amount_fen=gross, sums=sums)
    signed = {"pay": 1, "refund": -1}
    shares = [share for share in chain.settled if share.kind in signed]
    settled = sum(signed[share.kind] * share.amount_fen for share in shares)
    fee = sum(signed[share.kind] * share.fee_fen for share in shares)
    due = sum(place.amount_fen for place in chain.placements if place.kind == "bill") + chain.hidden_fen
    whole = {f"{share.merchant_code} · {share.batch_number}": 0 for share in shares}
    for share in shares:
        whole[f"{share.merchant_code} · {share.batch_number}"] += signed[share.kind] * share.amount_fen
    sums = _("%(sum)s；手续费 %(fee)s 后应结 %(net)s", sum=_added(settled, whole), fee=format_yuan(fee), net=format_yuan(settled - fee)) if shares else ""
    if shares and settled == due:
        return Step(code="settlement", state=DONE, count=len(shares), amount_fen=settled, sums=sums)
    if not shares and due == 0:
        return Step(code="settlement", state=NONE, why=_("没有应结给商户的金额（在余额、挂账中，或已退回）"))
    return Step(code="settlement", state=WAITING, count=len(shares), amount_fen=settled, sums=sums, why=_why_unsettled(chain, due - settled))


def _why_unsettled(chain: Chain, left: int) -> str:
    day = clock.business_day(max(payment.paid_at for payment in chain.payments))
    run = next((each for each in chain.days if each.bill_on == day), None)
    if run is None or run.status != "closed":
        return _("还有 %(fen)s 元没有结算：%(day)s 尚未关账", fen=format_yuan(left), day=day.isoformat())
    return _("还有 %(fen)s 元没有结算：%(day)s 已关账，等待生成结算批次", fen=format_yuan(left), day=day.isoformat())


def _payout(chain: Chain) -> Step | None:
    if not chain.settlement_seen or not (chain.batches or chain.payouts):
        return None
    paid = [payout for payout in chain.payouts if payout.status == "paid"]
    fen = sum(payout.amount_fen for payout in paid)
    serials = listed(payout.bank_serial for payout in paid if payout.bank_serial)
    sums = _("当日整批付出 %(fen)s，银行流水 %(serials)s", fen=format_yuan(fen), serials=serials or "—") if paid else ""
    for batch in chain.batches:
        if batch.status not in ("paid", "carried"):
            word = status_label(batch.status, "settlement_batch")
            why = _("结算批次 %(number)s：%(state)s", number=batch.number, state=word)
            state = OPEN_STATE if batch.status == "returned" else WAITING
            return Step(code="payout", state=state, count=len(paid), amount_fen=fen, sums=sums, why=why)
    if not paid:
        return Step(code="payout", state=NONE, why=_("没有需要付出的金额，结转下一批次"))
    return Step(code="payout", state=DONE, count=len(paid), amount_fen=fen, sums=sums)


def _net(lines: Sequence) -> int:
    return sum(line.amount_fen if line.kind == "pay" else -line.amount_fen if line.kind == "refund" else 0 for line in lines)


def _added(total: int, parts: dict[str, int]) -> str:
    """`100.00 = 60.00（账单 … 第 1 行）+ 40.00（…）`."""
    told = " + ".join(_("%(fen)s（%(where)s）", fen=format_yuan(fen), where=where) for where, fen in parts.items())
    return f"{format_yuan(total)} = {told}"
