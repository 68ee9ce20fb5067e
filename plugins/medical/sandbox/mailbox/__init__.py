"""A mailbox that speaks IMAP4rev1, with statement mails in it and what nobody should open."""
