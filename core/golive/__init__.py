"""The way of a new client to its first collected cent: steps with owners, evidence and days, and the trial that proves the whole way."""
