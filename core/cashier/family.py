"""What one device may see: bills of the people bound to its payer, and bills opened here by their pay code. Nothing else exists for it."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from core import clock
from core.billing import credit
from core.billing import service as billing
from core.billing.errors import BillNotFound
from core.billing.holding import HeldBill
from core.billing.schemas import BillRead
from core.billing.states import OPEN
from core.database import Session
from core.masking import mask_lookup_class, mask_lookup_name
from core.payers import guardians
from core.payers import service as parties
from core.payers.access import Payer
from core.payers.schemas import PartyRead
from core.tenancy.directory import ClientProfile


class Member(msgspec.Struct, frozen=True):
    """A person with their bills; `own` is false where only a pay code opened the way: then name and class are masked."""

    id: UUID
    name: str
    org_name: str
    own: bool
    bills: list[BillRead]

    @property
    def open_bills(self) -> list[BillRead]:
        """What can still be paid."""
        return [bill for bill in self.bills if bill.status in OPEN and bill.open_fen > 0]

    @property
    def open_fen(self) -> int:
        """What is still owed."""
        return sum(bill.open_fen for bill in self.open_bills)


class Family(msgspec.Struct, frozen=True):
    """Everyone this device may pay for, and the credit they have together, fen."""

    members: list[Member]
    credit_fen: int

    @property
    def bills(self) -> list[BillRead]:
        """Every bill, the first due first."""
        return sorted((bill for member in self.members for bill in member.bills), key=lambda bill: (bill.due_on, bill.number))

    def find(self, bill_id: UUID) -> tuple[Member, BillRead]:
        """A bill and whose it is; BillNotFound for any that is not theirs to see."""
        for member in self.members:
            for bill in member.bills:
                if bill.id == bill_id:
                    return member, bill
        raise BillNotFound()

    @property
    def own_ids(self) -> list[UUID]:
        """The bound people."""
        return [member.id for member in self.members if member.own]


async def load(session: Session, payer: Payer) -> Family:
    """The family behind a device: bound people first, then those whose bills were opened by code."""
    bound = await guardians.list_bindings(session, payer.payer_id) if payer.payer_id else []
    own_ids = [binding.party_id for binding in bound if binding.status == "bound"]
    bills = await billing.bills_of(session, own_ids) if own_ids else []
    seen = {bill.id for bill in bills}
    for bill_id in sorted(payer.bill_ids - seen):
        found = await billing.find_bill(session, bill_id)
        if found.status != "void":
            bills.append(found)
    by_party: dict[UUID, list[BillRead]] = {party_id: [] for party_id in own_ids}
    for bill in bills:
        by_party.setdefault(bill.party_id, []).append(bill)
    people = {person.id: person for person in await parties.list_parties(session, list(by_party))}
    members = [_member(people[party_id], party_id in own_ids, found) for party_id, found in by_party.items()]
    return Family(members, await credit.balance(session, own_ids) if own_ids else 0)


async def all_own(session: Session, payer: Payer, bills: Sequence[HeldBill]) -> bool:
    """Whether some bills are all of people bound to this payer; BillNotFound for any that is not theirs to see."""
    bound = await guardians.list_bindings(session, payer.payer_id) if payer.payer_id else []
    own_ids = {binding.party_id for binding in bound if binding.status == "bound"}
    now = clock.now()
    for bill in bills:
        if bill.status == "void" or not (bill.id in payer.bill_ids or (bill.party_id in own_ids and bill.visible_from <= now)):
            raise BillNotFound()
    return all(bill.party_id in own_ids for bill in bills)


def may_ask_back(client: ClientProfile) -> bool:
    """Whether payers may ask for refunds on their pages; so it is unless the client says `payer_refunds = false`."""
    return client.settings.get("payer_refunds") is not False


def _member(person: PartyRead, own: bool, bills: list[BillRead]) -> Member:
    if own:
        return Member(person.id, person.name, person.org_name, True, bills)
    return Member(person.id, mask_lookup_name(person.name), mask_lookup_class(person.org_name), False, bills)
