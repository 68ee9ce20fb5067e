"""What an arrival and an entry of the clearing account can be."""

ARRIVALS = ("expected", "arrived", "differs", "missing")
"""`differs`: money came, not what the channel's file says. `missing`: the bank's statements reach past the day it was due."""

BANK_ENTRIES = ("arrival", "payout", "returned", "other")
"""Money a channel settled (or took back); our payment; one that came back (退票); anything else."""
