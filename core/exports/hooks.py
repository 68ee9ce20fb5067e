"""What exports offers through the plugin hooks."""
