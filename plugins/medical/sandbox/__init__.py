"""The outside world of a hospital as the sandbox plays it: its information system, shop platforms, a mailbox."""
