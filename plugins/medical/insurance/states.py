"""The life of what the insurer owes for one settlement (domain book §4.4, §4.6)."""

from core.states import Machine

SETTLEMENT = Machine(
    "医保结算",
    "pre_settled → settled cancelled",
    "settled → reversing cleared",
    "reversing → reversed settled",
    "cleared → reversing settled",
)
"""`reversing`: the insurer was asked to take it back and has not answered; only `reversed` lets the cash part go back.

`cleared → settled`: the insurer's file that had cleared it was taken back."""
