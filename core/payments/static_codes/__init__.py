"""Codes on posters, with a limit on what each takes in a day."""
