"""Patients, their cards, and their visits. A patient's row shares its id with the core party that bills are made out to; ids and phones are sealed."""

from sqlalchemy import Column, Date, Index, Integer, LargeBinary, Text, Uuid, text

from core.database.tables import Instant, belongs_to, created_column, id_column, one_of, tenant_table
from core.identity.models import org_unit
from core.payers.models import party
from plugins.medical.patients.states import INSURANCES, VISIT, VISIT_KINDS
from plugins.medical.schema import metadata

patient = tenant_table(
    "patient",
    metadata,
    id_column(),
    Column("patient_no", Text, nullable=False),
    Column("id_type", Text),
    Column("id_sealed", LargeBinary),
    Column("id_index", LargeBinary),
    Column("id_tail_index", LargeBinary),
    Column("gender", Text),
    Column("birth_on", Date),
    Column("phone_sealed", LargeBinary),
    Column("insurance", Text, nullable=False),
    Column("psn_no_sealed", LargeBinary),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("changed_at", Instant, nullable=False, server_default=text("now()")),
    created_column(),
    one_of("insurance", INSURANCES),
    belongs_to("id", party),
    Index("uq_patient_patient_no", "tenant_id", "patient_no", unique=True),
    Index("ix_patient_id_index", "tenant_id", "id_index"),
)

card = tenant_table(
    "patient_card",
    metadata,
    id_column(),
    Column("patient_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("number_sealed", LargeBinary, nullable=False),
    Column("number_index", LargeBinary, nullable=False),
    Column("tail", Text, nullable=False),
    created_column(),
    belongs_to("patient_id", "medical.patient"),
    Index("uq_patient_card_number", "tenant_id", "kind", "number_index", unique=True),
    Index("ix_patient_card_patient_id", "tenant_id", "patient_id"),
)

# A visit; for an inpatient also how far the way from admission to the last fen is.
visit = tenant_table(
    "visit",
    metadata,
    id_column(),
    Column("visit_no", Text, nullable=False),
    Column("patient_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("department_id", Uuid),
    Column("doctor", Text),
    Column("began_on", Date, nullable=False),
    Column("discharged_on", Date),
    Column("status", Text, nullable=False),
    created_column(),
    one_of("kind", VISIT_KINDS),
    one_of("status", VISIT.states),
    belongs_to("patient_id", "medical.patient"),
    belongs_to("department_id", org_unit),
    Index("uq_visit_visit_no", "tenant_id", "visit_no", unique=True),
    Index("ix_visit_patient_id", "tenant_id", "patient_id", "began_on"),
    Index("ix_visit_began", "tenant_id", "began_on", "id"),
)
