"""What ledger offers through the plugin hooks."""
