"""Money that came and belongs nowhere yet."""
