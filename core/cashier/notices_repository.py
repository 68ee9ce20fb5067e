"""What payers are told of their bills, as SELECTs for `core.notices`: 8,000 bills are one statement. Names are masked."""

_FACTS = """jsonb_build_object('name', left(n.name, 1) || repeat('*', greatest(length(n.name) - 1, 1)), 'title', b.title, 'number', b.number,
    'amount', trim(to_char({amount} / 100.0, '999,999,999,990.00')), 'due_on', to_char(b.due_on, 'YYYY-MM-DD'))"""
_OPEN = "b.status IN ('issued', 'partially_paid', 'partially_refunded') AND b.amount_fen > b.paid_fen"
_BILLS = f"""
    SELECT b.id || ':' || {{occasion}} AS occasion, b.party_id, b.id AS bill_id, CAST(NULL AS uuid) AS only_payer_id,
           b.visible_from AS from_at, {{run}} AS run, {_FACTS.format(amount="(b.amount_fen - b.paid_fen)")} AS facts
    FROM core.bill b JOIN core.party n ON n.id = b.party_id
    WHERE {{which}} AND {_OPEN}
"""

OF_SOURCE = _BILLS.format(which="b.source = :source", occasion="'new'", run="b.source")
"""The new bills of one source."""

OF_DUE = _BILLS.format(
    which="b.due_on = :day AND b.visible_from <= :now", occasion="CAST(CAST(:day AS date) AS text)", run="'due:' || CAST(CAST(:today AS date) AS text)"
)
"""Open bills that fall due on a day."""

REFUNDED = f"""
    SELECT CAST(:refund_id AS text) || ':' || CAST(:payment_id AS text) AS occasion, b.party_id, b.id AS bill_id,
           CAST(NULL AS uuid) AS only_payer_id, CAST(NULL AS timestamptz) AS from_at, CAST(NULL AS text) AS run,
           {_FACTS.format(amount="CAST(:amount_fen AS bigint)")} AS facts
    FROM core.bill b JOIN core.party n ON n.id = b.party_id WHERE b.id = :bill_id
"""
"""A bill whose money went back."""
