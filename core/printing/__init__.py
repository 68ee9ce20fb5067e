"""Paper: what hangs on walls and what is handed to people."""
