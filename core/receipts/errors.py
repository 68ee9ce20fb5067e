"""What receipts refuse."""

from core.errors import NotFound


class ReceiptNotFound(NotFound):
    code = "RECEIPT_NOT_FOUND"
    message = "没有找到这张收据，请核对后再试"
