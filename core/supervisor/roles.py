"""The roles of a Banyan database server, and the SQL that makes them.

* ``postgres``       superuser: only the supervisor and tests use it;
* ``banyan_owner``   owns the database, runs migrations; no superuser, bound by row-level security (tables FORCE it);
* ``banyan_app``     the application: owns nothing, cannot bypass row-level security;
* ``banyan_backup``  reads everything across all tenants for `banyan backup`, writes nothing.
"""

import json
import os
import secrets
from pathlib import Path

DATABASE = "banyan"
SUPERUSER, OWNER, APP, BACKUP = "postgres", "banyan_owner", "banyan_app", "banyan_backup"

PREPARE = """
SET log_statement = 'none';
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['banyan_owner', 'banyan_app', 'banyan_backup'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I', name);
        END IF;
    END LOOP;
END $$;
ALTER ROLE banyan_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'owner';
ALTER ROLE banyan_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'app';
ALTER ROLE banyan_backup LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS PASSWORD :'backup';
ALTER ROLE banyan_backup SET default_transaction_read_only = on;
GRANT pg_read_all_data TO banyan_backup;
SELECT 'CREATE DATABASE banyan OWNER banyan_owner'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'banyan') \\gexec
REVOKE ALL ON DATABASE banyan FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE banyan TO banyan_app;
GRANT CONNECT ON DATABASE banyan TO banyan_backup;
REVOKE CONNECT, TEMPORARY ON DATABASE postgres FROM PUBLIC;
"""


def prepare_script(passwords: dict[str, str]) -> str:
    """A psql script, safe to repeat, that makes the roles, their passwords and the empty database."""
    names = {"owner": OWNER, "app": APP, "backup": BACKUP}
    return "".join(f"\\set {short} '{passwords[role]}'\n" for short, role in names.items()) + PREPARE


def passwords_of(file: Path) -> dict[str, str]:
    """The passwords kept in this file, which only its owner can read; made on first use (letters, digits, - and _)."""
    if not file.exists():
        made = {role: secrets.token_urlsafe(24) for role in (SUPERUSER, OWNER, APP, BACKUP)}
        unfinished = file.with_suffix(".new")
        with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            json.dump(made, out, indent=2)
        unfinished.replace(file)
    return json.loads(file.read_text())
