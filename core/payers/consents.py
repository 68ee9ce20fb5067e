"""What payers agree to: the exact text, its version and hash, given and withdrawn (domain book §10, PIPL)."""

import hashlib
from collections.abc import Collection
from uuid import UUID

import msgspec

from core import clock, ids
from core.database import Session
from core.identity import audit
from core.identity.actor import Actor
from core.payers import consents_repository as repository
from core.payers.errors import ConsentNotFound
from core.payers.schemas import ConsentRead
from core.web.i18n import N_


class ConsentText(msgspec.Struct, frozen=True):
    """A purpose and the words agreed to; a change of words is a new version. `scope` names the fields concerned."""

    purpose: str
    version: str
    title: str
    text: str
    scope: tuple[str, ...]
    required: bool = True

    @property
    def text_hash(self) -> bytes:
        """What proves later which words were agreed to."""
        return hashlib.sha256(f"{self.purpose}\n{self.version}\n{self.text}".encode()).digest()


SERVICE = ConsentText(
    "service",
    "2026-09",
    N_("缴费服务"),
    N_("为向您展示账单、完成缴费和开具收据，收费单位和收款银行需要处理您的手机号、绑定关系与缴费记录。仅用于本单位的缴费服务，依法保存。"),
    ("phone", "bindings", "payments"),
)
MINOR = ConsentText(
    "minor_data",
    "2026-09",
    N_("孩子的信息"),
    N_(
        "监护人单独同意：我是该学生的监护人，同意为缴费处理其姓名、学号、证件号末四位、班级与账单。不用于画像和营销；撤回同意即解除绑定，不影响到校缴费。"
    ),
    ("party_name", "party_number", "id_tail", "class", "bills"),
)
MARKETING = ConsentText(
    "bank_marketing",
    "2026-11",
    N_("银行服务推荐（可不选）"),
    N_("同意收款银行通过短信向我介绍其服务。与缴费无关，不选也不影响任何功能，可随时关闭；不使用所绑定人员的信息。"),
    ("phone",),
    required=False,
)
TEXTS = {words.purpose: words for words in (SERVICE, MINOR, MARKETING)}
"""Every text by its purpose."""
_ABOUT: dict[str, ConsentText] = {}


def register(plugin: str, words: ConsentText) -> None:
    """What has to be agreed to apart before a payer is tied to a person of a plugin's; its module is loaded with the plugin."""
    _ABOUT[plugin] = TEXTS[words.purpose] = words


def for_binding(plugin: str) -> tuple[ConsentText, ...]:
    """What has to be agreed to before a person of this plugin's is bound."""
    return (SERVICE, _ABOUT[plugin]) if plugin in _ABOUT else (SERVICE,)


def offered(plugins: Collection[str]) -> list[ConsentText]:
    """What payers of somebody with these plugins are shown, the required ones first."""
    return list(dict.fromkeys([*(words for plugin in sorted(plugins) for words in for_binding(plugin)), SERVICE, MARKETING]))


async def give(session: Session, payer_id: UUID, words: ConsentText, by: Actor, party_id: UUID | None = None) -> None:
    """Record a consent once; one that holds already in the same words stays as it is."""
    purpose = words.purpose
    held = await repository.find_held(session, payer_id, purpose, party_id)
    if held is not None and held.text_hash == words.text_hash:
        return
    row = {
        "id": ids.uuid7(),
        "payer_id": payer_id,
        "party_id": party_id,
        "purpose": purpose,
        "version": words.version,
        "text_hash": words.text_hash,
        "scope": list(words.scope),
        "given_at": clock.now(),
    }
    await repository.insert_consent(session, row)
    await audit.record(session, by, "payers.consent.give", "payer", payer_id, after={"purpose": purpose, "version": words.version})


async def withdraw(session: Session, payer_id: UUID, by: Actor, *, purposes: Collection[str], party_id: UUID | None = None) -> int:
    """End consents, for one person where `party_id` is given; answers how many ended. Not retroactive."""
    ended = await repository.end_consents(session, payer_id, sorted(purposes), party_id, clock.now())
    if ended:
        await audit.record(session, by, "payers.consent.withdraw", "payer", payer_id, before={"purposes": sorted(purposes)})
    return ended


async def withdraw_person(session: Session, payer_id: UUID, by: Actor, party_id: UUID) -> int:
    """End what was agreed to about one person; answers how many ended."""
    return await withdraw(session, payer_id, by, purposes={words.purpose for words in (MINOR, *_ABOUT.values())}, party_id=party_id)


async def find_consent(session: Session, payer_id: UUID, consent_id: UUID) -> ConsentRead:
    """One consent of a payer."""
    found = [consent for consent in await list_consents(session, payer_id) if consent.id == consent_id]
    if not found:
        raise ConsentNotFound()
    return found[0]


async def list_consents(session: Session, payer_id: UUID) -> list[ConsentRead]:
    """Everything a payer agreed to, also what was withdrawn."""
    return [ConsentRead(**row._mapping) for row in await repository.list_consents(session, payer_id)]
