"""What tenancy offers through the plugin hooks."""
