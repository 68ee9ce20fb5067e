"""The life of a bill (domain book §2.4, architecture §11.2: overdue is derived from the due date, never a status)."""

from core.states import Machine

BILL = Machine(
    "账单",
    "draft → issued void",
    "issued → partially_paid paid void written_off issued",
    "partially_paid → partially_paid paid issued partially_refunded refunded written_off",
    "paid → partially_paid issued partially_refunded refunded",
    "partially_refunded → partially_refunded refunded partially_paid paid issued",
    "refunded → partially_refunded partially_paid paid",
)

OPEN = ("issued", "partially_paid", "partially_refunded")
"""A bill in one of these still takes money while something is owed."""
IS_OPEN = f"status IN ({', '.join(repr(state) for state in OPEN)})"
"""The same as a condition: written out, so that PostgreSQL knows the index of open bills answers it."""
