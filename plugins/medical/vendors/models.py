"""The hospital's vendors: who built the window system, the machines, the internet hospital, each with an app id, a key and a statement of its own."""

from sqlalchemy import Column, Index, Text, Uuid

from core.database.tables import Json, belongs_to, created_column, id_column, one_of, tenant_table
from core.identity.models import api_key
from plugins.medical.schema import metadata
from plugins.medical.vendors.states import VENDOR

vendor = tenant_table(
    "vendor",
    metadata,
    id_column(),
    Column("app_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("scenes", Json, nullable=False),
    Column("status", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    created_column(),
    one_of("status", VENDOR.states),
    Index("uq_vendor_app_id", "tenant_id", "app_id", unique=True),
    Index("uq_vendor_name", "tenant_id", "name", unique=True),
)

key = tenant_table(
    "vendor_key",
    metadata,
    Column("key_id", Uuid, nullable=False),
    Column("vendor_id", Uuid, nullable=False),
    created_column(),
    belongs_to("key_id", api_key),
    belongs_to("vendor_id", "medical.vendor"),
    Index("ix_vendor_key_vendor_id", "tenant_id", "vendor_id"),
    key=("key_id",),
)
