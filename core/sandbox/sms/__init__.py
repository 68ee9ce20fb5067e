"""Text messages that would have gone to real phones: kept, shown, and readable by tests."""
