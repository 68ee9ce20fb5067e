"""What statements' routes ask for."""

READ, MAKE = "statements.file.read", "statements.file.make"
