"""A Stripe-style card gateway, simulated: PaymentIntents, cards that are declined by number, refunds, webhooks, balance and reports."""
