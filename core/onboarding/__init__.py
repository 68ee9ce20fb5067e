"""A merchant's way to collecting (进件, domain book §2.3): a case between client, branch and channel, and the rates it ends with."""
