"""Merchant back-offices of three shop platforms as the sandbox plays them: log in, look at a day's bills, download; and all that goes wrong there."""
