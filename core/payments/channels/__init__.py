"""The roads money comes in by: one small protocol, and one module for each payment channel."""
