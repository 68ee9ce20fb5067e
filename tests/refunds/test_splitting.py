"""Which payment gives how much back (domain book §2.5), and what lines give within it."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from core.refunds.splitting import Place, by_payment, split, total

NEW, OLD = UUID(int=2), UUID(int=1)


def lying(*amounts: tuple[UUID, int, int]) -> list[Place]:
    return [Place(payment_id=payment, kind="bill", line_no=line, amount_fen=fen) for payment, line, fen in amounts]


def shares(places: list[Place]) -> dict[UUID, int]:
    return {payment: total(pieces) for payment, pieces in by_payment(places)}


def test_the_newest_payment_gives_first():
    places = lying((NEW, 1, 1_235_400), (OLD, 1, 2_059_000))
    assert shares(split(places, 2_000_000, "lifo")) == {NEW: 1_235_400, OLD: 764_600}


def test_in_proportion_as_the_domain_books_vector_says():
    places = lying((NEW, 1, 1_235_400), (OLD, 1, 2_059_000))
    assert shares(split(places, 2_000_000, "prorata")) == {OLD: 1_250_000, NEW: 750_000}


def test_within_a_payment_the_line_that_was_filled_last_gives_first():
    places = lying((NEW, 3, 300), (NEW, 2, 200), (NEW, 1, 100))
    assert [(place.line_no, place.amount_fen) for place in split(places, 450, "lifo")] == [(3, 300), (2, 150)]


def test_given_lines_are_taken_each_from_the_payments_that_filled_them():
    places = lying((NEW, 2, 200), (NEW, 1, 50), (OLD, 1, 100))
    taken = split(places, 320, "lifo", {1: 120, 2: 200})
    assert [(place.payment_id, place.line_no, place.amount_fen) for place in taken] == [(NEW, 1, 50), (OLD, 1, 70), (NEW, 2, 200)]


@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(1, 4), st.integers(1, 10**9)), min_size=1, max_size=12),
    st.sampled_from(["lifo", "prorata"]),
    st.data(),
)
def test_a_split_adds_up_and_takes_from_no_place_more_than_lies_there(found, by, data):
    payments = sorted({payment for payment, _, _ in found}, reverse=True)
    places = [place for payment in payments for place in lying(*((UUID(int=p), line, fen) for p, line, fen in found if p == payment))]
    amount = data.draw(st.integers(1, total(places)))
    taken = split(places, amount, by)
    assert total(taken) == amount
    assert all(fen <= shares(places)[payment] for payment, fen in shares(taken).items())
    assert all(piece.amount_fen <= max(p.amount_fen for p in places if _same(p, piece)) for piece in taken)


def _same(one: Place, other: Place) -> bool:
    return (one.payment_id, one.line_no) == (other.payment_id, other.line_no)
