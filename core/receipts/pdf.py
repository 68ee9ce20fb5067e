"""A receipt as a PDF, the same bytes for the same receipt in the same state."""

import asyncio

from core.receipts.schemas import ReceiptRead
from core.receipts.sheet import Sheet, sheet_of

MEDIA_TYPE = "application/pdf"


async def render(receipt: ReceiptRead, payer: str, check_url: str) -> bytes:
    """The receipt as its holder may see it: `payer` in full for them, masked for others. Drawn in a thread of its own."""
    return await asyncio.to_thread(_drawn, sheet_of(receipt, payer, check_url))


def _drawn(sheet: Sheet) -> bytes:
    from core.receipts.printing import draw  # brings the PDF library, which takes half a second the first time

    return draw(sheet)
