"""The specimen of docs/write-a-channel.md: a bank's own payment gateway as a package."""
