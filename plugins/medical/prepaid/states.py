"""The life of a balance that was paid before a visit in former years and has to go back (门诊预交金清退, domain book §4.5)."""

from core.states import Machine

LEGACY = Machine(
    "预交金余额",
    "listed → claimed frozen",
    "claimed → refunding listed",
    "refunding → refunded listed",
    "frozen → listed",
)
"""`refunding`: agreed to by a second person, the transfer's evidence is awaited; back to `listed` when the bank returned it."""

OPEN = ("listed", "claimed", "refunding", "frozen")
