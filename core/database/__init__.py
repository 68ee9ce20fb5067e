"""PostgreSQL: the engine, the tenant scope, row-level security and migrations."""

from sqlalchemy import Row

from core.database.session import Database, Session
from core.database.together import Write

__all__ = ["Database", "Row", "Session", "Write"]
