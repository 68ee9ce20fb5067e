"""Settings from the environment (`BANYAN_*`); everything has a default that suits `make run` on one machine."""

import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between one installation and the next."""

    data_dir: Path = Path(".banyan")
    database_url: str = ""
    owner_database_url: str = ""
    backup_database_url: str = ""
    redis_url: str = ""
    master_keys: str = ""
    """`id:base64,id:base64`, the first one seals; empty: a key file in the data folder (demo and development only)."""
    tenants_dir: Path = Path("tenants")
    public_url: str = "http://127.0.0.1:8200"
    sandbox_url: str = "http://127.0.0.1:8201"
    host: str = "127.0.0.1"
    port: int = 8200
    sandbox_port: int = 8201
    workers: int = 1
    pool_size: int = 10
    demo: bool = False
    sms_url: str = ""
    channel_connect_seconds: float = 2.0
    """How long a connection to a channel may take to come about; then the channel counts as away and others are offered."""
    order_seconds: int = 900
    """How long a payer may take to pay what they began; then it is closed, at the channel first."""
    trusted_proxies: str = ""
    """`10.0.0.0/8,192.0.2.1`: only what these say in X-Forwarded-For is believed; empty: nobody."""
    statement_folder: str = ""
    """Where other systems drop statements, `<folder>/<client>/<source>/<YYYY-MM-DD>/<file>`; empty: no folder is watched."""
    statement_max_mb: int = 512
    """How large a statement that is uploaded or dropped may be."""
    webhook_private: bool = False
    """Whether clients' webhooks may go to http and to addresses inside our own network (development, or a system in the same house)."""
    secure_cookies: bool = False
    log_level: str = "info"

    def __post_init__(self) -> None:
        self.proxy_networks()

    def proxy_networks(self) -> list[IPv4Network | IPv6Network]:
        """The trusted proxies; ValueError when one is no address or network."""
        try:
            return [ip_network(part.strip()) for part in self.trusted_proxies.split(",") if part.strip()]
        except ValueError as error:
            raise ValueError(f"BANYAN_TRUSTED_PROXIES: {error}") from None

    @classmethod
    def load(cls, **overrides: object) -> "Settings":
        """Read the environment; unknown `BANYAN_` names are refused, so that a typing error cannot pass in silence."""
        prefix = "BANYAN_"
        own = {prefix + name.upper() for name in cls.__struct_fields__}
        mine = (n for n in os.environ if n.startswith(prefix) and (n in own or not n.startswith("BANYAN_SANDBOX_")))
        given = {name.removeprefix(prefix).lower(): os.environ[name] for name in mine}
        for outside in ("DATABASE_URL", "REDIS_URL"):
            if outside in os.environ:
                given.setdefault(outside.lower(), os.environ[outside])
        unknown = set(given) - set(cls.__struct_fields__)
        if unknown:
            raise ValueError(f"unknown settings: {', '.join(sorted(prefix + name.upper() for name in unknown))}")
        return msgspec.convert({**given, **overrides}, cls, strict=False, dec_hook=_decode)


def _decode(kind: type, value: object) -> object:
    if kind is Path:
        return Path(str(value))
    raise TypeError(f"no setting is a {kind}")
