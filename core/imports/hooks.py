"""What imports offers through the plugin hooks."""
