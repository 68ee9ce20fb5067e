"""Quantities of what was done or given: a number a person could write, with at most six decimals."""

from decimal import Decimal

MOST, PLACES = 1_000_000, 6


def sound(quantity: Decimal | int) -> bool:
    """Whether it is one; neither NaN nor a number whose digits would fill pages."""
    told = Decimal(quantity)
    return told.is_finite() and told.copy_abs() <= MOST and told.as_tuple().exponent >= -PLACES


def plain(quantity: Decimal | int) -> str:
    """A quantity as people write it: 2, 0.5."""
    return f"{Decimal(quantity).normalize():f}"
