"""The embedded servers and the processes of `banyan run`: started, watched, stopped, and never left behind.

Every process hangs on a guard (`guard.py`) that ends it when its holder is gone, however the holder went.
"""

from core.supervisor.postgres import EmbeddedPostgres
from core.supervisor.processes import Child, Supervisor
from core.supervisor.redis import EmbeddedRedis
from core.supervisor.watch import kept_alive

__all__ = ["Child", "EmbeddedPostgres", "EmbeddedRedis", "Supervisor", "kept_alive"]
