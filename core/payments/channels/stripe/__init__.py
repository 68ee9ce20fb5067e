"""Card payments, Stripe-style: `channel.py` is the channel, read it first; the others are its wire, keys and signatures."""

from core.payments.channels.stripe.channel import StripeGateway

__all__ = ["StripeGateway"]
