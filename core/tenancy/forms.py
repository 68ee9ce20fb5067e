"""What the bank's pages take."""

import msgspec


class ClientForm(msgspec.Struct):
    """A new client."""

    kind: str = ""
    code: str = ""
    name: str = ""
    branch: str = ""
    legal_name: str = ""
    uscc: str = ""


class AdminForm(msgspec.Struct):
    """Whom a client is handed over to."""

    login: str = ""
    name: str = ""


class MerchantForm(msgspec.Struct):
    """A merchant with its documents' facts."""

    code: str = ""
    name: str = ""
    legal_name: str = ""
    uscc: str = ""


class AccountForm(msgspec.Struct):
    """A settlement account; the number is sealed at once."""

    holder: str = ""
    bank_name: str = ""
    number: str = ""


class ReasonForm(msgspec.Struct):
    """Why."""

    reason: str = ""


class BranchForm(msgspec.Struct):
    """A new branch."""

    parent: str = ""
    code: str = ""
    name: str = ""


class DefaultForm(msgspec.Struct):
    """What a kind of client gets."""

    plugin: str = ""
    kind: str = ""
    visible: str = ""
    on_by_default: str = ""
