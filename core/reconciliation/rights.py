"""The rights of reconciliation."""

READ, RUN, CLOSE = "recon.run.read", "recon.run.make", "recon.run.check"
HANDLE, CHECK = "recon.diff.make", "recon.diff.check"
