"""Profit sharing (分账): shares of a payment go from the channel straight to receivers; what was given is taken back before a refund."""
