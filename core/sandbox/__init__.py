"""The outside world, simulated: real wire protocols on a port of its own, so that nothing needs an account."""
