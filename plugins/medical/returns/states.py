"""The life of money a hospital gives back for a registration or a drug (退号, 退药; domain book §4.5)."""

from core.states import Machine

RETURN = Machine(
    "退费",
    "requested → insurance_reversed insurance_refused refunding rejected",
    "insurance_refused → requested rejected",
    "insurance_reversed → refunding rejected",
    "refunding → done failed",
    "failed → refunding",
)
