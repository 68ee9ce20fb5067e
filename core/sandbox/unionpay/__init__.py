"""UnionPay's side of the wire, ACP 5.1.0: its certificates, trades, pages for payers, notifications and settlement files."""
