"""The bank's core system as a platform meets it: accounts, payments, day statements, and what channels settle to it."""
