"""`tenants/`: what the bank and its clients are, written down as TOML, without Python.

    tenants/_bank/bank.toml         the bank: branches, people, plugin defaults
    tenants/<client>/tenant.toml    one client: plugins, merchants, accounts, channels, people, branding, sample data

A field that nobody knows, a wrong type or a missing name is refused with its place in the file. Passwords and one-time secrets stand in a
declaration for demonstration only and are read in demo mode alone.
"""

from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from core.errors import InvalidRequest
from core.tenancy.terms import BankAccount, Facts, RateFacts, StatementMerchant, TermWrong

T = TypeVar("T")
BANK = "_bank"


class DeclarationInvalid(InvalidRequest):
    code = "DECLARATION_INVALID"
    message = "{file}：{fault}"


class HeldRole(Facts):
    """A role, and where: a branch's code (bank) or names of org units from above, `样例甲学校/云溪校区` (client)."""

    role: str
    place: str = ""


class Person(Facts):
    """Somebody who logs in; the `demo_` fields count in demo mode only."""

    login: str
    name: str
    roles: tuple[HeldRole, ...] = ()
    demo_password: str = ""
    demo_totp_secret: str = ""


class BankFacts(Facts):
    """The bank itself, which is also its head office."""

    code: str
    name: str


class BranchFacts(Facts):
    """A branch under head office, or a sub-branch under the branch whose code is `parent`."""

    code: str
    name: str
    parent: str = ""


class PluginDefault(Facts):
    """What a kind of client gets."""

    plugin: str
    client_kind: str
    on_by_default: bool
    visible: bool = True


class BankDeclaration(Facts):
    """The whole of `bank.toml`."""

    bank: BankFacts
    branches: tuple[BranchFacts, ...] = ()
    plugin_defaults: tuple[PluginDefault, ...] = ()
    staff: tuple[Person, ...] = ()


class ClientFacts(Facts):
    """Who the client is; `legal_name` and `uscc` hold for its merchants unless they say otherwise."""

    code: str
    name: str
    kind: str
    branch: str
    legal_name: str = ""
    uscc: str = ""
    plugins: tuple[str, ...] = ()


class AccountFacts(Facts):
    """A settlement account with the two bank people (log-in names) who entered and checked it."""

    bank_name: str
    number: str
    made_by: str
    checked_by: str


class MerchantFacts(Facts):
    """A merchant; with a checked account it is activated."""

    code: str
    name: str
    legal_name: str = ""
    uscc: str = ""
    accounts: tuple[AccountFacts, ...] = ()
    rates: tuple[RateFacts, ...] = ()


class ChannelFacts(Facts):
    """A collecting account, of one merchant where it is named; it is opened when it is first missing here: in the sandbox, the counter here."""

    channel: Literal["wechatpay", "alipay", "unionpay", "stripe", "counter"]
    sandbox: bool = False
    merchant: str = ""


class Branding(Facts):
    """The client's own face."""

    name: str = ""
    short_name: str = ""
    colour: str = ""
    logo_url: str = ""
    phone: str = ""


class DemoFacts(Facts):
    """Sample data beside the declaration, loaded by the client's plugins in demo mode."""

    folder: str


class ClientDeclaration(Facts):
    """The whole of a `tenant.toml`."""

    client: ClientFacts
    branding: Branding = Branding()
    settings: dict[str, object] = {}
    merchants: tuple[MerchantFacts, ...] = ()
    channels: tuple[ChannelFacts, ...] = ()
    statement_merchants: tuple[StatementMerchant, ...] = ()
    bank_account: BankAccount | None = None
    staff: tuple[Person, ...] = ()
    demo: DemoFacts | None = None


class Declarations(msgspec.Struct, frozen=True):
    """Everything a folder declares; `folders` are where each client's declaration lies, by code."""

    bank: BankDeclaration
    clients: dict[str, ClientDeclaration]
    folders: dict[str, Path]


def read(folder: Path) -> Declarations:
    """Read and check every declaration of a folder; DeclarationInvalid names the file and the fault."""
    bank = _decoded(folder / BANK / "bank.toml", BankDeclaration)
    clients, folders = {}, {}
    for file in sorted(folder.glob("*/tenant.toml")):
        declared = _decoded(file, ClientDeclaration)
        _check_client(file, declared, bank)
        if declared.client.code in clients:
            raise DeclarationInvalid(file=str(file), fault=f"客户编码 {declared.client.code} 已在另一份声明里")
        clients[declared.client.code], folders[declared.client.code] = declared, file.parent
    _check_logins(folder, bank, clients)
    return Declarations(bank, clients, folders)


def _decoded(file: Path, kind: type[T]) -> T:
    try:
        return msgspec.toml.decode(file.read_bytes(), type=kind)
    except FileNotFoundError:
        raise DeclarationInvalid(file=str(file), fault="没有这份声明") from None
    except (msgspec.MsgspecError, ValueError) as fault:
        raise DeclarationInvalid(file=str(file), fault=str(fault).replace("{", "(").replace("}", ")")) from None


def _check_client(file: Path, declared: ClientDeclaration, bank: BankDeclaration) -> None:
    def refuse(fault: str) -> None:
        raise DeclarationInvalid(file=str(file), fault=fault)

    if declared.client.branch not in {branch.code for branch in bank.branches} | {bank.bank.code}:
        refuse(f"client.branch：没有机构 {declared.client.branch}")
    people = {person.login for person in bank.staff}
    for merchant in declared.merchants:
        for account in merchant.accounts:
            if account.made_by == account.checked_by:
                refuse(f"merchants {merchant.code}：登记人与复核人不能是同一人")
            for login in (account.made_by, account.checked_by):
                if login not in people:
                    refuse(f"merchants {merchant.code}：银行没有人员 {login}")
    codes = [merchant.code for merchant in declared.merchants]
    for channel in declared.channels:
        if channel.merchant and channel.merchant not in codes:
            refuse(f"channels {channel.channel}：没有商户 {channel.merchant}")
        if channel.sandbox == (channel.channel == "counter"):
            refuse(f"channels {channel.channel}：线上渠道须写 sandbox = true，柜台不写")
    try:
        for rate in (rate for merchant in declared.merchants for rate in merchant.rates):
            rate.row()
        for facts in declared.statement_merchants:
            facts.cut_minutes()
    except TermWrong as fault:
        refuse(str(fault))
    numbers = [(facts.channel, facts.number) for facts in declared.statement_merchants]
    for number in set(numbers):
        if numbers.count(number) > 1:
            refuse(f"statement_merchants：{number[1]} 写了两次")
    for code in set(codes):
        if codes.count(code) > 1:
            refuse(f"merchants：{code} 写了两次")
    if declared.demo and not (file.parent / declared.demo.folder).is_dir():
        refuse(f"demo.folder：没有文件夹 {declared.demo.folder}")


def _check_logins(folder: Path, bank: BankDeclaration, clients: dict[str, ClientDeclaration]) -> None:
    seen: set[str] = set()
    for declared in (bank, *clients.values()):
        for person in declared.staff:
            if person.login in seen:
                raise DeclarationInvalid(file=str(folder), fault=f"staff：用户名 {person.login} 写了两次，全平台唯一")
            seen.add(person.login)
