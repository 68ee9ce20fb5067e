"""What a connector needs to know of a robot; its secret shows nowhere."""

import msgspec


class Account(msgspec.Struct, frozen=True):
    """A robot's account at a platform."""

    platform: str
    address: str
    login: str
    secret: str
    sandbox_url: str = ""
    sender: str = ""

    def __repr__(self) -> str:
        return f"Account({self.platform}, {self.address})"
