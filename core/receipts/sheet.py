"""What the printed sheet of a receipt says. It is a document: Chinese whatever the language of the page."""

import datetime as dt

import msgspec

from core import clock
from core.money import capital, format_yuan
from core.printing.font import writable
from core.receipts.schemas import ReceiptRead

TITLES = {"receipt": "收费收据", "fiscal": "财政电子票据查验凭据", "einvoice": "数电发票查验凭据"}
MARKS = {"red_flushed": "已红冲", "voided": "已作废", "issuing": "开具中"}


class Sheet(msgspec.Struct, frozen=True):
    """Everything a receipt's PDF says, in words and in the order it is read."""

    client: str
    title: str
    mark: str
    red: bool
    head: list[tuple[str, str]]
    lines: list[tuple[str, str]]
    total: str
    in_words: str
    foot: list[tuple[str, str]]
    seal: str
    check_url: str
    made_at: dt.datetime
    extras: list[tuple[str, str]] = []


def sheet_of(receipt: ReceiptRead, payer: str, check_url: str) -> Sheet:
    """What the PDF of a receipt says; what no font can write stands as 〓."""
    content, facts = receipt.content, receipt.facts
    head = [
        ("收据号", receipt.number or ""),
        ("缴费人", payer),
        ("编号", content.party_number),
        ("账单", f"{content.title} {content.period}"),
        ("冲销收据号", content.takes_back),
        ("红冲原因", content.reason),
        ("票据代码", facts.code),
        ("票据号码", facts.number),
        ("校验码", facts.check_code),
        ("开票单位", facts.issuer),
    ]
    foot = [
        ("支付时间", _local(content.paid_at)),
        ("支付方式", content.channel),
        ("支付单号", content.payment_number),
        ("开具时间", _local(receipt.issued_at) if receipt.issued_at else ""),
    ]
    return Sheet(
        client=writable(content.client),
        title=("红字" if receipt.kind == "red" else "") + TITLES[receipt.ticket],
        mark="正在红冲" if receipt.flushing else MARKS.get(receipt.status, ""),
        red=receipt.kind == "red",
        head=[(label, writable(value)) for label, value in head if value],
        lines=[(writable(name), format_yuan(fen)) for name, fen in content.lines],
        total=format_yuan(receipt.amount_fen),
        in_words=capital(receipt.amount_fen),
        foot=[(label, writable(value)) for label, value in foot if value],
        seal=writable(content.seal),
        check_url=check_url,
        made_at=receipt.issued_at or receipt.created_at,
        extras=[(writable(label), writable(value)) for label, value in content.extras],
    )


def _local(at: dt.datetime) -> str:
    return f"{at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}"
