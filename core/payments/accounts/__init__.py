"""Merchant numbers and their keys: kept sealed, tried out, renewed."""
