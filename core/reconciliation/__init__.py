"""Reconciliation: business × platform × channel × funds, the differences between them, and remedies that post."""
