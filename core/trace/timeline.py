"""Everything that happened to some money, in one line of time: who and when, from the first order to the bank's word."""

from collections.abc import Iterator

from core.identity import audit_words
from core.money import format_yuan
from core.reconciliation.remedies.words import reason_of
from core.trace.following import Chain
from core.trace.schemas import Event
from core.web.filters import status_label
from core.web.i18n import gettext as _
from core.web.i18n import labelled
from core.web.statuses import word_of

MOST = 300


def events_of(chain: Chain) -> list[Event]:
    """The events, the oldest first."""
    ways = (_ordered, _told, _paid, _posted, _refunded, _receipted, _desk, _files, _differed, _settled, _arrived, _audited)
    found = [event for way in ways for event in way(chain)]
    return sorted(found, key=lambda event: event.at)[:MOST]


def _ordered(chain: Chain) -> Iterator[Event]:
    for bill in chain.bills:
        yield Event(at=bill.issued_at, by="", title=_("账单已发布"), text=f"{bill.number} · {bill.title}", tone="info")
    for order in chain.orders:
        text = f"{order.number} · {status_label(order.channel, 'channel')} · {format_yuan(order.amount_fen)}"
        yield Event(at=order.created_at, by="", title=_("发起支付"), text=text, tone="info")
        if order.decided_at and order.status != "succeeded":
            word, tone = word_of(order.status, "payment")
            yield Event(at=order.decided_at, by="", title=_("支付单%(state)s", state=word), text=order.last_error or order.number, tone=tone)


def _told(chain: Chain) -> Iterator[Event]:
    for notice in chain.notices:
        word, tone = word_of(notice.outcome, "notice")
        yield Event(at=notice.received_at, by="", title=_("渠道通知：%(word)s", word=word), text=notice.order_number, tone=tone)


def _paid(chain: Chain) -> Iterator[Event]:
    for payment in chain.payments:
        way = f"{status_label(payment.channel, 'channel')} · {payment.channel_txn_id}"
        title = _("付款 %(fen)s 元", fen=format_yuan(payment.amount_fen))
        yield Event(at=payment.paid_at, by="", title=title, text=way, tone="good")
    for item in chain.suspense:
        word = status_label(item.reason, "suspense_reason")
        title = _("%(fen)s 元记入长款挂账", fen=format_yuan(item.amount_fen))
        yield Event(at=item.created_at, by="", title=title, text=word, tone="warn")
        if item.resolved_at:
            told = status_label(item.resolution or "", "suspense_resolution")
            yield Event(at=item.resolved_at, by=item.resolved_by or "", title=_("挂账处理：%(word)s", word=told), tone="good")


def _posted(chain: Chain) -> Iterator[Event]:
    for journal in chain.journals:
        word, tone = word_of(journal.event, "journal")
        text = f"{format_yuan(journal.amount_fen)} · {journal.memo}".removesuffix(" · ")
        yield Event(at=journal.posted_at, by=_person(journal.posted_by), title=_("记账：%(word)s", word=word), text=text, tone=tone)


def _refunded(chain: Chain) -> Iterator[Event]:
    asked = {}
    for part in chain.refunds:
        asked.setdefault(part.refund_id, part)
        fen = format_yuan(part.amount_fen)
        if part.sent_at:
            yield Event(at=part.sent_at, by="", title=_("退款 %(fen)s 元送渠道", fen=fen), text=part.number, tone="info")
        if part.finished_at:
            word, tone = word_of(part.state, "refund_item")
            text = " · ".join(told for told in (part.number, part.reference, part.error) if told)
            yield Event(at=part.finished_at, by="", title=_("退款 %(fen)s 元：%(word)s", fen=fen, word=word), text=text, tone=tone)
    for part in asked.values():
        yield Event(at=part.requested_at, by=part.requested_by, title=_("申请退款 %(number)s", number=part.refund_number), text=part.reason, tone="warn")
        if part.approved_at:
            title = _("批准退款 %(number)s", number=part.refund_number)
            yield Event(at=part.approved_at, by=_person(part.approved_by or ""), title=title, tone="info")


def _receipted(chain: Chain) -> Iterator[Event]:
    for receipt in chain.receipts:
        if receipt.issued_at:
            kind = status_label(receipt.kind, "receipt_kind")
            title = _("开具收据 %(number)s", number=receipt.number or "")
            yield Event(at=receipt.issued_at, by="", title=title, text=f"{kind} · {format_yuan(receipt.amount_fen)}", tone="good")


def _desk(chain: Chain) -> Iterator[Event]:
    for entry in chain.counter:
        kind = status_label(entry.kind, "scene")
        text = f"{entry.number} · {kind} · {format_yuan(entry.amount_fen)}"
        yield Event(at=entry.entered_at, by=entry.entered_by, title=_("柜台录入"), text=text, tone="info")
        if entry.accepted_at:
            yield Event(at=entry.accepted_at, by=entry.accepted_by or "", title=_("班次已交接验收"), text=entry.window or "", tone="good")


def _files(chain: Chain) -> Iterator[Event]:
    seen = set()
    for line in (*chain.lines, *chain.bank_lines):
        if line.statement_id not in seen:
            seen.add(line.statement_id)
            title = _("%(day)s 的%(side)s对账文件已载入", day=line.bill_on.isoformat(), side=status_label(line.side, "statement_side"))
            yield Event(at=line.loaded_at, by=_person(line.loaded_by), title=title, text=line.file_name, tone="info")
    for day in chain.days:
        if day.closed_at:
            yield Event(at=day.closed_at, by=day.closed_by or "", title=_("%(day)s 已关账", day=day.bill_on.isoformat()), tone="good")


def _differed(chain: Chain) -> Iterator[Event]:
    for item in chain.differences:
        word = status_label(item.klass, "difference_class")
        title = _("发现差异 %(code)s：%(word)s", code=item.code, word=word)
        text = f"{status_label(item.differs, 'difference_differs')} · {format_yuan(item.amount_fen)}"
        yield Event(at=item.created_at, by="", title=title, text=text, tone="bad")
        for event in item.events:
            yield Event(at=event.at, by=event.by_name, title=labelled(item.code, status_label(event.what, "difference_event")), text=event.remark, tone="info")
        for remedy in item.remedies:
            kind = status_label(remedy.kind, "remedy_kind")
            title, why = _("提交差异处理：%(kind)s", kind=kind), reason_of(remedy.kind, remedy.reason)
            yield Event(at=remedy.created_at, by=remedy.made_by, title=title, text=why, tone="warn")
            if remedy.finished_at:
                title = _("差异处理完成：%(kind)s", kind=kind)
                yield Event(at=remedy.finished_at, by=remedy.checked_by or "", title=title, text=format_yuan(remedy.amount_fen), tone="good")


def _settled(chain: Chain) -> Iterator[Event]:
    for batch in chain.batches:
        title = _("生成结算批次 %(number)s", number=batch.number)
        yield Event(at=batch.created_at, by=_person(batch.made_by), title=title, text=format_yuan(batch.net_fen), tone="info")
        if batch.checked_at:
            title = _("复核结算批次 %(number)s", number=batch.number)
            yield Event(at=batch.checked_at, by=batch.checked_by or "", title=title, tone="info")
    for payout in chain.payouts:
        fen = format_yuan(payout.amount_fen)
        if payout.sent_at:
            yield Event(at=payout.sent_at, by="", title=_("付款指令 %(number)s 已发银行", number=payout.number), text=fen, tone="info")
        if payout.finished_at:
            word, tone = word_of(payout.status, "payout")
            text = " · ".join(told for told in (payout.bank_serial, payout.error) if told)
            yield Event(at=payout.finished_at, by="", title=_("付款指令 %(number)s：%(word)s", number=payout.number, word=word), text=text, tone=tone)


def _arrived(chain: Chain) -> Iterator[Event]:
    for line in chain.bank_lines:
        if line.happened_at:
            text = f"{line.channel_number or line.serial or line.number} · {format_yuan(line.amount_fen)}"
            yield Event(at=line.happened_at, by="", title=_("银行流水"), text=text, tone="good")


def _audited(chain: Chain) -> Iterator[Event]:
    for entry in chain.audit:
        plain = {name: value for name, value in (entry.after or {}).items() if isinstance(value, (str, int)) and not name.endswith("_id")}
        text = " · ".join(told for told in (entry.reason, audit_words.told(plain, machine=entry.object_type)) if told)
        yield Event(at=entry.at, by=entry.actor_name, title=audit_words.word_of(entry.action), text=text[:200], tone="quiet")


def _person(name: str) -> str:
    return "" if name in ("system", "") else name
