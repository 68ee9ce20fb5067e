"""What the cashier offers through the plugin hooks."""
