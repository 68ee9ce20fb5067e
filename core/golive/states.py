"""How a step of the way stands: read from what is there, never ticked by hand (domain book §12)."""

NOT_BEGUN, DOING, WAITING, DONE = "todo", "doing", "waiting", "done"
STATES = (NOT_BEGUN, DOING, WAITING, DONE)
CLIENT, BANK, CHANNEL, SECOND = "client", "bank", "channel", "second"
OWNERS = (CLIENT, BANK, CHANNEL)
"""Whose a step is; a person of the client or of its branch may be named besides. What waits may also wait for a second person."""
EARLY, UNDER_WAY, READY, LIVE = "early", "under_way", "ready", "live"
WAYS = (EARLY, UNDER_WAY, READY, LIVE)
"""How far the whole way is: nothing done, on the way, everything there, collecting."""
