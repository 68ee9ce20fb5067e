"""Text messages that would have gone to real phones: kept, shown, delivered or refused, and readable by tests."""
