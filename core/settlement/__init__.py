"""Settlement: what each merchant gets for each day, paid out through the bank and matched back to its statement."""
