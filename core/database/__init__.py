"""PostgreSQL: the engine, the tenant scope, row-level security and migrations."""

from sqlalchemy import Row

from core.database.session import Database, Session
from core.database.together import Read, Write

__all__ = ["Database", "Read", "Row", "Session", "Write"]
