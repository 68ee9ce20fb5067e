"""What receipts offers through the plugin hooks."""
