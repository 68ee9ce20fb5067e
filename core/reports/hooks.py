"""What reports offers through the plugin hooks."""
