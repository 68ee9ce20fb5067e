"""What ends a difference, and posts."""
