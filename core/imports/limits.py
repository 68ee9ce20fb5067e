"""How large a file may be before it is refused unread."""

MEGABYTE = 1024 * 1024
MAX_FILE_BYTES = 20 * MEGABYTE
MAX_ROWS = 50_000
"""Data rows under the header."""
MAX_COLUMNS = 120
MAX_UNPACKED_BYTES = 200 * MEGABYTE
MAX_RATIO = 200
"""Unpacked ÷ packed of one part above `RATIO_FREE_BYTES`; a sheet of real rows stays below 40."""
RATIO_FREE_BYTES = 10 * MEGABYTE
MAX_TEXT_BYTES = 256 * MEGABYTE
"""All texts of a sheet written out, a repeated text counted each time."""
