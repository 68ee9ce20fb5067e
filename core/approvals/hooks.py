"""What approvals offers through the plugin hooks."""
