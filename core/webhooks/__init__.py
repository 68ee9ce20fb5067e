"""What happened is pushed to a client's own systems: signed, retried, visible."""
