"""Alipay's open platform as the sandbox plays it: the gateway, the wallet's pages, notifications, statements."""
