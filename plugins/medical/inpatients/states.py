"""An inpatient's way from the first deposit to the last fen (domain book §4.5)."""

from core.states import Machine

ADMISSION = Machine(
    "住院",
    "in_hospital → discharge_requested cancelled",
    "discharge_requested → insurance_settled in_hospital",
    "insurance_settled → collecting refunding closed",
    "collecting → refunding closed",
    "refunding → collecting closed",
    "closed → refunding",
)
"""`collecting → refunding` and `closed → refunding`: a deposit that was paid while the patient left is money, and goes back."""

PRESENT = ("in_hospital", "discharge_requested")
"""Deposits and daily lists are still taken."""
SETTLED = ("insurance_settled", "collecting", "refunding", "closed")
OVER = ("closed", "cancelled")
OPEN = ("discharge_requested", "insurance_settled", "collecting", "refunding")
"""The three working days run."""
