"""The tables of the first release.

On PostgreSQL the two queues are kept small: their rows come and go all day.
"""

import sqlalchemy as sa
from alembic import op

from hub.store.migrations import types

revision = "v0001"
down_revision = None


def upgrade() -> None:  # noqa: PLR0915 - one statement for each table and index
    op.create_table(
        "agreement",
        sa.Column("partner", types.text, nullable=False),
        sa.Column("agreement", types.text, nullable=False),
        sa.Column("sha256", types.text, nullable=False),
        sa.Column("imported_at", types.instant, nullable=False),
        sa.Column("version", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("partner", name="agreement_pkey"),
    )
    op.create_table(
        "allocation",
        sa.Column("source", types.text, nullable=False),
        sa.Column("reference", types.text, nullable=False),
        sa.Column("n", types.integer, nullable=False),
        sa.Column("invoice_number", types.text, nullable=False),
        sa.Column("order_id", types.text, nullable=False),
        sa.Column("amount", types.decimal, nullable=False),
        sa.Column("reason", types.text, nullable=False),
        sa.Column("at", types.instant, nullable=False),
        sa.PrimaryKeyConstraint("source", "reference", "n", name="allocation_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("allocation_invoice_number_idx", "allocation", ["invoice_number"])
    op.create_index("allocation_order_id_idx", "allocation", ["order_id"])
    op.create_table(
        "archive",
        sa.Column("id", types.uuid, nullable=False),
        sa.Column("at", types.instant, nullable=False),
        sa.Column("direction", types.text, nullable=False),
        sa.Column("channel", types.text, nullable=False),
        sa.Column("endpoint", types.text, nullable=False),
        sa.Column("partner", types.text, nullable=True),
        sa.Column("content_type", types.text, nullable=True),
        sa.Column("sha256", types.text, nullable=False),
        sa.Column("size", types.integer, nullable=False),
        sa.Column("headers", types.text, nullable=False),
        sa.Column("body", types.bytes_, nullable=False),
        sa.PrimaryKeyConstraint("id", name="archive_pkey"),
    )
    op.create_table(
        "archive_chunk",
        sa.Column("archive_id", types.uuid, nullable=False),
        sa.Column("n", types.integer, nullable=False),
        sa.Column("body", types.bytes_, nullable=False),
        sa.PrimaryKeyConstraint("archive_id", "n", name="archive_chunk_pkey"),
    )
    op.create_table(
        "audit_log",
        sa.Column("id", types.uuid, nullable=False),
        sa.Column("at", types.instant, nullable=False),
        sa.Column("actor", types.text, nullable=False),
        sa.Column("action", types.text, nullable=False),
        sa.Column("object", types.text, nullable=False),
        sa.Column("reason", types.text, nullable=True),
        sa.Column("detail", types.text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="audit_log_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("audit_log_at_idx", "audit_log", ["at"])
    op.create_table(
        "billing_line",
        sa.Column("order_id", types.text, nullable=False),
        sa.Column("line_id", types.text, nullable=False),
        sa.Column("position", types.integer, nullable=False),
        sa.Column("agreed", types.text, nullable=False),
        sa.Column("shipped", types.decimal, nullable=False),
        sa.Column("invoiced", types.decimal, nullable=False),
        sa.Column("billed", types.decimal, nullable=False),
        sa.Column("billed_tax", types.decimal, nullable=False),
        sa.Column("version", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("order_id", "line_id", name="billing_line_pkey"),
    )
    op.create_table(
        "billing_order",
        sa.Column("order_id", types.text, nullable=False),
        sa.Column("order_number", types.text, nullable=False),
        sa.Column("buyer_key", types.text, nullable=False),
        sa.Column("buyers_number", types.text, nullable=False),
        sa.Column("revision", types.integer, nullable=False),
        sa.Column("currency", types.text, nullable=False),
        sa.Column("tax_included", types.boolean, nullable=False),
        sa.Column("buyer", types.text, nullable=False),
        sa.Column("seller", types.text, nullable=True),
        sa.Column("delivery", types.text, nullable=True),
        sa.Column("invoicee", types.text, nullable=True),
        sa.Column("payment_terms_days", types.integer, nullable=True),
        sa.Column("references", types.text, nullable=False),
        sa.Column("paid_before", types.decimal, nullable=False),
        sa.Column("partner", types.text, nullable=True),
        sa.Column("correlation_id", types.uuid, nullable=False),
        sa.Column("prepaid", types.decimal, nullable=False),
        sa.Column("despatches", types.text, nullable=False),
        sa.Column("version", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("order_id", name="billing_order_pkey"),
    )
    op.create_table(
        "collected",
        sa.Column("interchange_id", types.uuid, nullable=False),
        sa.Column("number", types.integer, nullable=False),
        sa.Column("document_id", types.uuid, nullable=False),
        sa.PrimaryKeyConstraint("interchange_id", "number", name="collected_pkey"),
        sa.UniqueConstraint("document_id", name="collected_document_id_key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "counter",
        sa.Column("writer", types.text, nullable=False),
        sa.Column("day", types.date, nullable=False),
        sa.Column("channel", types.text, nullable=False),
        sa.Column("outcome", types.text, nullable=False),
        sa.Column("n", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("writer", "day", "channel", "outcome", name="counter_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "delivery_line",
        sa.Column("order_id", types.text, nullable=False),
        sa.Column("delivery_number", types.text, nullable=False),
        sa.Column("line_id", types.text, nullable=False),
        sa.Column("order_line", types.text, nullable=False),
        sa.Column("sku", types.text, nullable=False),
        sa.Column("item", types.text, nullable=False),
        sa.Column("unit", types.text, nullable=False),
        sa.Column("ordered", types.decimal, nullable=False),
        sa.Column("location", types.text, nullable=False),
        sa.Column("planned", types.decimal, nullable=False),
        sa.Column("cancelled", types.decimal, nullable=False),
        sa.Column("picked", types.decimal, nullable=False),
        sa.Column("packed", types.decimal, nullable=False),
        sa.Column("shipped", types.decimal, nullable=False),
        sa.Column("version", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("order_id", "delivery_number", "line_id", name="delivery_line_pkey"),
    )
    op.create_table(
        "delivery_number",
        sa.Column("number", types.text, nullable=False),
        sa.Column("order_id", types.text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="delivery_number_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "delivery_order",
        sa.Column("order_id", types.text, nullable=False),
        sa.Column("number", types.text, nullable=False),
        sa.Column("order_number", types.text, nullable=False),
        sa.Column("buyer_key", types.text, nullable=False),
        sa.Column("buyers_number", types.text, nullable=False),
        sa.Column("state", types.text, nullable=False),
        sa.Column("buyer", types.text, nullable=False),
        sa.Column("seller", types.text, nullable=True),
        sa.Column("delivery", types.text, nullable=True),
        sa.Column("references", types.text, nullable=False),
        sa.Column("partner", types.text, nullable=True),
        sa.Column("correlation_id", types.uuid, nullable=False),
        sa.Column("planned_at", types.instant, nullable=False),
        sa.Column("released_at", types.instant, nullable=True),
        sa.Column("picked_at", types.instant, nullable=True),
        sa.Column("packed_at", types.instant, nullable=True),
        sa.Column("shipped_at", types.instant, nullable=True),
        sa.Column("cancelled_at", types.instant, nullable=True),
        sa.Column("despatch_number", types.text, nullable=True),
        sa.Column("carrier", types.text, nullable=True),
        sa.Column("vehicle", types.text, nullable=True),
        sa.Column("tracking", types.text, nullable=True),
        sa.Column("version", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("order_id", "number", name="delivery_order_pkey"),
        sa.UniqueConstraint("number", name="delivery_order_number_key"),
    )
    op.create_index("delivery_order_planned_at_idx", "delivery_order", ["planned_at"])
    op.create_index("delivery_order_state_planned_at_idx", "delivery_order", ["state", "planned_at"])
    op.create_table(
        "delivery_plan",
        sa.Column("order_id", types.text, nullable=False),
        sa.Column("revision", types.integer, nullable=False),
        sa.Column("goods", types.text, nullable=False),
        sa.Column("cancelled", types.boolean, nullable=False),
        sa.Column("version", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("order_id", name="delivery_plan_pkey"),
    )
    op.create_table(
        "document",
        sa.Column("id", types.uuid, nullable=False),
        sa.Column("received_at", types.instant, nullable=False),
        sa.Column("archive_id", types.uuid, nullable=False),
        sa.Column("correlation_id", types.uuid, nullable=False),
        sa.Column("channel", types.text, nullable=False),
        sa.Column("partner", types.text, nullable=True),
        sa.Column("kind", types.text, nullable=False),
        sa.Column("business_key", types.text, nullable=True),
        sa.Column("source_key", types.text, nullable=False),
        sa.Column("sha256", types.text, nullable=False),
        sa.Column("test", types.boolean, nullable=False),
        sa.Column("ended", types.text, nullable=True),
        sa.Column("reason", types.text, nullable=True),
        sa.Column("ended_at", types.instant, nullable=True),
        sa.PrimaryKeyConstraint("id", name="document_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("document_correlation_id_idx", "document", ["correlation_id"])
    op.create_index("document_ended_received_at_idx", "document", ["ended", "received_at"])
    op.create_index("document_partner_received_at_id_idx", "document", ["partner", "received_at", "id"])
    named = sa.text("business_key is not null")
    op.create_index(
        "document_business_key_idx", "document", ["business_key"], sqlite_where=named, postgresql_where=named
    )
    op.create_index("document_received_at_id_idx", "document", ["received_at", "id"])
    op.create_table(
        "event_log",
        sa.Column("id", types.uuid, nullable=False),
        sa.Column("at", types.instant, nullable=False),
        sa.Column("type", types.text, nullable=False),
        sa.Column("subject", types.text, nullable=False),
        sa.Column("source", types.text, nullable=False),
        sa.Column("correlation_id", types.uuid, nullable=False),
        sa.Column("causation_id", types.uuid, nullable=True),
        sa.Column("partner", types.text, nullable=True),
        sa.Column("channel", types.text, nullable=False),
        sa.Column("order_id", types.text, nullable=True),
        sa.Column("destinations", types.text, nullable=False),
        sa.Column("body", types.bytes_, nullable=False),
        sa.PrimaryKeyConstraint("id", name="event_log_pkey"),
    )
    op.create_index("event_log_at_idx", "event_log", ["at"])
    op.create_index("event_log_correlation_id_idx", "event_log", ["correlation_id"])
    op.create_index("event_log_order_id_idx", "event_log", ["order_id"])
    op.create_index("event_log_type_at_idx", "event_log", ["type", "at"])
    op.create_table(
        "expected",
        sa.Column("key", types.text, nullable=False),
        sa.Column("version", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("key", name="expected_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "feed",
        sa.Column("position", types.integer, autoincrement=False, nullable=False),
        sa.Column("event_id", types.uuid, nullable=False),
        sa.Column("partner", types.text, nullable=False),
        sa.Column("type", types.text, nullable=False),
        sa.Column("order_id", types.text, nullable=True),
        sa.Column("at", types.instant, nullable=False),
        sa.PrimaryKeyConstraint("position", name="feed_pkey"),
        sa.UniqueConstraint("event_id", "partner", name="feed_event_id_partner_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("feed_partner_position_idx", "feed", ["partner", "position"])
    op.create_table(
        "handling_unit",
        sa.Column("delivery_number", types.text, nullable=False),
        sa.Column("n", types.integer, nullable=False),
        sa.Column("sscc", types.text, nullable=False),
        sa.Column("unit", types.text, nullable=False),
        sa.PrimaryKeyConstraint("delivery_number", "n", name="handling_unit_pkey"),
        sa.UniqueConstraint("sscc", name="handling_unit_sscc_key"),
    )
    op.create_table(
        "identity",
        sa.Column("kind", types.text, nullable=False),
        sa.Column("value", types.text, nullable=False),
        sa.Column("partner", types.text, nullable=False),
        sa.PrimaryKeyConstraint("kind", "value", name="identity_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("identity_partner_idx", "identity", ["partner"])
    op.create_table(
        "inbox",
        sa.Column("service", types.text, nullable=False),
        sa.Column("message_id", types.uuid, nullable=False),
        sa.Column("outcome", types.text, nullable=False),
        sa.Column("at", types.instant, nullable=False),
        sa.Column("reason", types.text, nullable=True),
        sa.PrimaryKeyConstraint("service", "message_id", name="inbox_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("inbox_outcome_service_idx", "inbox", ["outcome", "service"])
    op.create_table(
        "invoice",
        sa.Column("number", types.text, nullable=False),
        sa.Column("order_id", types.text, nullable=False),
        sa.Column("order_number", types.text, nullable=False),
        sa.Column("buyer_key", types.text, nullable=False),
        sa.Column("despatch_number", types.text, nullable=True),
        sa.Column("issued", types.date, nullable=False),
        sa.Column("due", types.date, nullable=True),
        sa.Column("currency", types.text, nullable=False),
        sa.Column("gross_total", types.decimal, nullable=False),
        sa.Column("payable", types.decimal, nullable=False),
        sa.Column("invoice", types.text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="invoice_pkey"),
    )
    op.create_index("invoice_issued_idx", "invoice", ["issued"])
    op.create_index("invoice_order_id_idx", "invoice", ["order_id"])
    op.create_table(
        "invoice_debtor",
        sa.Column("invoice_number", types.text, nullable=False),
        sa.Column("payer", types.text, nullable=False),
        sa.Column("currency", types.text, nullable=False),
        sa.Column("chunk", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("invoice_number", name="invoice_debtor_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "item",
        sa.Column("sku", types.text, nullable=False),
        sa.Column("gtin", types.text, nullable=True),
        sa.Column("name", types.text, nullable=False),
        sa.Column("unit", types.text, nullable=False),
        sa.Column("vat_code", types.text, nullable=False),
        sa.Column("stocked", types.boolean, nullable=False),
        sa.Column("version", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("sku", name="item_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("item_gtin_idx", "item", ["gtin"])
    op.create_table(
        "item_code",
        sa.Column("scheme", types.text, nullable=False),
        sa.Column("code", types.text, nullable=False),
        sa.Column("sku", types.text, nullable=False),
        sa.Column("version", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("scheme", "code", name="item_code_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lease",
        sa.Column("name", types.text, nullable=False),
        sa.Column("owner", types.text, nullable=False),
        sa.Column("until", types.instant, nullable=False),
        sa.Column("epoch", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("name", name="lease_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "list_price",
        sa.Column("sku", types.text, nullable=False),
        sa.Column("currency", types.text, nullable=False),
        sa.Column("valid_from", types.date, nullable=False),
        sa.Column("amount", types.decimal, nullable=False),
        sa.Column("version", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("sku", "currency", "valid_from", name="list_price_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "number_series",
        sa.Column("series", types.text, nullable=False),
        sa.Column("last", types.integer, nullable=False),
        sa.Column("version", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("series", name="number_series_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "order_account",
        sa.Column("order_id", types.text, nullable=False),
        sa.Column("revision", types.integer, nullable=False),
        sa.Column("prepayments", types.text, nullable=False),
        sa.Column("invoices", types.text, nullable=False),
        sa.Column("version", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("order_id", name="order_account_pkey"),
    )
    op.create_table(
        "order_invoice",
        sa.Column("order_id", types.text, nullable=False),
        sa.Column("invoice_number", types.text, nullable=False),
        sa.Column("currency", types.text, nullable=False),
        sa.Column("amounts", types.text, nullable=False),
        sa.Column("paid", types.decimal, nullable=False),
        sa.Column("version", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("order_id", "invoice_number", name="order_invoice_pkey"),
    )
    op.create_table(
        "order_line",
        sa.Column("order_id", types.text, nullable=False),
        sa.Column("position", types.integer, nullable=False),
        sa.Column("line_id", types.text, nullable=False),
        sa.Column("sku", types.text, nullable=True),
        sa.Column("terms", types.text, nullable=False),
        sa.Column("quantities", types.text, nullable=False),
        sa.Column("version", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("order_id", "position", name="order_line_pkey"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", types.integer, sa.Identity(always=False), nullable=False),
        sa.Column("event_id", types.uuid, nullable=False),
        sa.Column("destination", types.text, nullable=False),
        sa.Column("okey", types.text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="outbox_pkey"),
        sqlite_autoincrement=True,
    )
    op.create_index("outbox_destination_id_idx", "outbox", ["destination", "id"])
    op.create_table(
        "parked",
        sa.Column("service", types.text, nullable=False),
        sa.Column("message_id", types.uuid, nullable=False),
        sa.Column("at", types.instant, nullable=False),
        sa.Column("okey", types.text, nullable=False),
        sa.Column("type", types.text, nullable=False),
        sa.Column("error_class", types.text, nullable=False),
        sa.Column("error", types.text, nullable=False),
        sa.Column("traceback", types.text, nullable=True),
        sa.Column("state", types.text, nullable=False),
        sa.Column("note", types.text, nullable=True),
        sa.Column("body", types.bytes_, nullable=False),
        sa.Column("version", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("service", "message_id", name="parked_pkey"),
    )
    op.create_index("parked_state_at_idx", "parked", ["state", "at"])
    op.create_table(
        "party",
        sa.Column("party_id", types.text, nullable=False),
        sa.Column("role", types.text, nullable=False),
        sa.Column("party", types.text, nullable=False),
        sa.Column("version", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("party_id", name="party_pkey"),
    )
    op.create_index("party_role_idx", "party", ["role"])
    op.create_table(
        "payer_account",
        sa.Column("payer", types.text, nullable=False),
        sa.Column("currency", types.text, nullable=False),
        sa.Column("entered", types.integer, nullable=False),
        sa.Column("open", types.text, nullable=False),
        sa.Column("version", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("payer", "currency", name="payer_account_pkey"),
    )
    op.create_table(
        "payment",
        sa.Column("source", types.text, nullable=False),
        sa.Column("reference", types.text, nullable=False),
        sa.Column("means", types.text, nullable=False),
        sa.Column("currency", types.text, nullable=False),
        sa.Column("amount", types.decimal, nullable=False),
        sa.Column("value_date", types.date, nullable=False),
        sa.Column("payer", types.text, nullable=True),
        sa.Column("invoices", types.text, nullable=False),
        sa.Column("unallocated", types.decimal, nullable=False),
        sa.Column("booked_at", types.instant, nullable=False),
        sa.Column("allocations", types.integer, nullable=False),
        sa.Column("version", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("source", "reference", name="payment_pkey"),
    )
    op.create_index("payment_payer_idx", "payment", ["payer"])
    op.create_index("payment_value_date_idx", "payment", ["value_date"])
    op.create_table(
        "progress",
        sa.Column("service", types.text, nullable=False),
        sa.Column("message_id", types.uuid, nullable=False),
        sa.Column("done", types.integer, nullable=False),
        sa.Column("offset", types.integer, nullable=False),
        sa.Column("state", types.bytes_, nullable=False),
        sa.Column("version", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("service", "message_id", name="progress_pkey"),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", types.uuid, nullable=False),
        sa.Column("at", types.instant, nullable=False),
        sa.Column("credential", types.text, nullable=False),
        sa.Column("claimed", types.text, nullable=False),
        sa.Column("endpoint", types.text, nullable=False),
        sa.Column("archive_id", types.uuid, nullable=False),
        sa.PrimaryKeyConstraint("id", name="quarantine_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("quarantine_at_idx", "quarantine", ["at"])
    op.create_table(
        "receivable",
        sa.Column("payer", types.text, nullable=False),
        sa.Column("currency", types.text, nullable=False),
        sa.Column("chunk", types.integer, nullable=False),
        sa.Column("invoice_number", types.text, nullable=False),
        sa.Column("order_id", types.text, nullable=False),
        sa.Column("order_number", types.text, nullable=False),
        sa.Column("buyer_key", types.text, nullable=False),
        sa.Column("buyers_number", types.text, nullable=False),
        sa.Column("issued", types.date, nullable=False),
        sa.Column("due", types.date, nullable=True),
        sa.Column("amount", types.decimal, nullable=False),
        sa.Column("open", types.decimal, nullable=False),
        sa.Column("partner", types.text, nullable=True),
        sa.Column("correlation_id", types.uuid, nullable=False),
        sa.Column("version", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("payer", "currency", "chunk", "invoice_number", name="receivable_pkey"),
        sa.UniqueConstraint("invoice_number", name="receivable_invoice_number_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("receivable_order_id_idx", "receivable", ["order_id"])
    op.create_index("receivable_payer_issued_idx", "receivable", ["payer", "issued"])
    op.create_table(
        "revenue_entry",
        sa.Column("receipt_key", types.text, nullable=False),
        sa.Column("n", types.integer, nullable=False),
        sa.Column("business_date", types.date, nullable=False),
        sa.Column("store", types.text, nullable=False),
        sa.Column("terminal", types.text, nullable=False),
        sa.Column("kind", types.text, nullable=False),
        sa.Column("currency", types.text, nullable=False),
        sa.Column("rate", types.decimal, nullable=True),
        sa.Column("net", types.decimal, nullable=False),
        sa.Column("tax", types.decimal, nullable=False),
        sa.PrimaryKeyConstraint("receipt_key", "n", name="revenue_entry_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("revenue_entry_business_date_store_idx", "revenue_entry", ["business_date", "store"])
    op.create_table(
        "ring",
        sa.Column("endpoint", types.text, nullable=False),
        sa.Column("place", types.integer, nullable=False),
        sa.Column("at", types.instant, nullable=False),
        sa.Column("reason", types.text, nullable=False),
        sa.Column("headers", types.text, nullable=False),
        sa.Column("body", types.bytes_, nullable=False),
        sa.Column("version", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("endpoint", "place", name="ring_pkey"),
    )
    op.create_table(
        "sales_order",
        sa.Column("order_id", types.text, nullable=False),
        sa.Column("number", types.text, nullable=False),
        sa.Column("buyer_key", types.text, nullable=False),
        sa.Column("buyers_number", types.text, nullable=False),
        sa.Column("channel", types.text, nullable=False),
        sa.Column("partner", types.text, nullable=True),
        sa.Column("state", types.text, nullable=False),
        sa.Column("received_at", types.instant, nullable=False),
        sa.Column("correlation_id", types.uuid, nullable=False),
        sa.Column("total", types.decimal, nullable=False),
        sa.Column("head", types.text, nullable=False),
        sa.Column("document", types.uuid, nullable=False),
        sa.Column("source_version", types.instant, nullable=True),
        sa.Column("revision", types.integer, nullable=False),
        sa.Column("partial", types.boolean, nullable=False),
        sa.Column("version", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("order_id", name="sales_order_pkey"),
        sa.UniqueConstraint("number", name="sales_order_number_key"),
    )
    op.create_index("sales_order_buyers_number_idx", "sales_order", ["buyers_number"])
    op.create_index("sales_order_partner_received_at_idx", "sales_order", ["partner", "received_at"])
    op.create_index("sales_order_received_at_idx", "sales_order", ["received_at"])
    op.create_index("sales_order_state_received_at_idx", "sales_order", ["state", "received_at"])
    op.create_table(
        "source_key",
        sa.Column("kind", types.text, nullable=False),
        sa.Column("source", types.text, nullable=False),
        sa.Column("key", types.text, nullable=False),
        sa.Column("sha256", types.text, nullable=False),
        sa.Column("archive_id", types.uuid, nullable=False),
        sa.Column("document_id", types.uuid, nullable=False),
        sa.PrimaryKeyConstraint("kind", "source", "key", name="source_key_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "stock_item",
        sa.Column("sku", types.text, nullable=False),
        sa.Column("location", types.text, nullable=False),
        sa.Column("on_hand", types.decimal, nullable=False),
        sa.Column("reserved", types.decimal, nullable=False),
        sa.Column("waiting", types.text, nullable=False),
        sa.Column("version", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("sku", "location", name="stock_item_pkey"),
    )
    op.create_table(
        "stock_movement",
        sa.Column("id", types.uuid, nullable=False),
        sa.Column("sku", types.text, nullable=False),
        sa.Column("location", types.text, nullable=False),
        sa.Column("quantity", types.decimal, nullable=False),
        sa.Column("at", types.instant, nullable=False),
        sa.Column("reason", types.text, nullable=False),
        sa.Column("document", types.text, nullable=False),
        sa.Column("line_id", types.text, nullable=True),
        sa.Column("order_id", types.text, nullable=True),
        sa.PrimaryKeyConstraint("id", name="stock_movement_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("stock_movement_order_id_idx", "stock_movement", ["order_id"])
    op.create_index("stock_movement_sku_location_at_idx", "stock_movement", ["sku", "location", "at"])
    op.create_table(
        "stock_reservation",
        sa.Column("order_id", types.text, nullable=False),
        sa.Column("line_id", types.text, nullable=False),
        sa.Column("sku", types.text, nullable=False),
        sa.Column("location", types.text, nullable=False),
        sa.Column("order_number", types.text, nullable=False),
        sa.Column("buyer_key", types.text, nullable=False),
        sa.Column("buyers_number", types.text, nullable=False),
        sa.Column("partner", types.text, nullable=True),
        sa.Column("correlation_id", types.uuid, nullable=False),
        sa.Column("wanted", types.decimal, nullable=False),
        sa.Column("allocated", types.decimal, nullable=False),
        sa.Column("consumed", types.decimal, nullable=False),
        sa.Column("released", types.decimal, nullable=False),
        sa.Column("version", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("order_id", "line_id", name="stock_reservation_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "store",
        sa.Column("store", types.text, nullable=False),
        sa.Column("name", types.text, nullable=False),
        sa.Column("time_zone", types.text, nullable=False),
        sa.Column("currency", types.text, nullable=False),
        sa.Column("day_cut_hour", types.integer, nullable=False),
        sa.Column("version", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("store", name="store_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "suspect",
        sa.Column("service", types.text, nullable=False),
        sa.Column("message_id", types.uuid, nullable=False),
        sa.Column("starts", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("service", "message_id", name="suspect_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "task",
        sa.Column("id", types.uuid, nullable=False),
        sa.Column("at", types.instant, nullable=False),
        sa.Column("service", types.text, nullable=False),
        sa.Column("kind", types.text, nullable=False),
        sa.Column("subject", types.text, nullable=False),
        sa.Column("order_id", types.text, nullable=True),
        sa.Column("reason", types.text, nullable=False),
        sa.Column("state", types.text, nullable=False),
        sa.Column("closed_at", types.instant, nullable=True),
        sa.Column("closed_by", types.text, nullable=True),
        sa.Column("note", types.text, nullable=True),
        sa.PrimaryKeyConstraint("id", name="task_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("task_order_id_idx", "task", ["order_id"])
    op.create_index("task_state_at_idx", "task", ["state", "at"])
    op.create_table(
        "tender",
        sa.Column("receipt_key", types.text, nullable=False),
        sa.Column("n", types.integer, nullable=False),
        sa.Column("business_date", types.date, nullable=False),
        sa.Column("store", types.text, nullable=False),
        sa.Column("terminal", types.text, nullable=False),
        sa.Column("means", types.text, nullable=False),
        sa.Column("currency", types.text, nullable=False),
        sa.Column("amount", types.decimal, nullable=False),
        sa.Column("reference", types.text, nullable=True),
        sa.Column("settled", types.boolean, nullable=False),
        sa.PrimaryKeyConstraint("receipt_key", "n", name="tender_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("tender_business_date_store_idx", "tender", ["business_date", "store"])
    op.create_table(
        "token",
        sa.Column("key_id", types.text, nullable=False),
        sa.Column("sha256", types.text, nullable=False),
        sa.Column("label", types.text, nullable=False),
        sa.Column("scopes", types.text, nullable=False),
        sa.Column("created_at", types.instant, nullable=False),
        sa.Column("expires_at", types.instant, nullable=True),
        sa.Column("revoked_at", types.instant, nullable=True),
        sa.PrimaryKeyConstraint("key_id", name="token_pkey"),
    )
    op.create_index("token_label_idx", "token", ["label"])
    op.create_table(
        "transmission",
        sa.Column("id", types.uuid, nullable=False),
        sa.Column("partner", types.text, nullable=False),
        sa.Column("position", types.integer, nullable=False),
        sa.Column("kind", types.text, nullable=False),
        sa.Column("event_id", types.uuid, nullable=False),
        sa.Column("event_type", types.text, nullable=False),
        sa.Column("order_id", types.text, nullable=True),
        sa.Column("subject", types.text, nullable=False),
        sa.Column("reference", types.text, nullable=False),
        sa.Column("archive_id", types.uuid, nullable=False),
        sa.Column("transport", types.text, nullable=False),
        sa.Column("test", types.boolean, nullable=False),
        sa.Column("state", types.text, nullable=False),
        sa.Column("held", types.text, nullable=True),
        sa.Column("attempts", types.integer, nullable=False),
        sa.Column("next_at", types.instant, nullable=False),
        sa.Column("created_at", types.instant, nullable=False),
        sa.Column("sent_at", types.instant, nullable=True),
        sa.Column("delivered_at", types.instant, nullable=True),
        sa.Column("ack_due", types.instant, nullable=True),
        sa.Column("acknowledged", types.text, nullable=True),
        sa.Column("last_error", types.text, nullable=True),
        sa.Column("resent", types.integer, nullable=False),
        sa.Column("version", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="transmission_pkey"),
        sa.UniqueConstraint("partner", "position", name="transmission_partner_position_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("transmission_order_id_idx", "transmission", ["order_id"])
    op.create_index("transmission_partner_reference_idx", "transmission", ["partner", "reference"])
    op.create_index("transmission_partner_subject_position_idx", "transmission", ["partner", "subject", "position"])
    op.create_index("transmission_created_at_idx", "transmission", ["created_at"])
    leaving = sa.text("state = 'queued' and held is null and transport <> 'pull'")
    op.create_index(
        "transmission_transport_partner_next_at_position_idx",
        "transmission",
        ["transport", "partner", "next_at", "position"],
        sqlite_where=leaving,
        postgresql_where=leaving,
    )
    sent = sa.text("sent_at is not null and kind not in ('event', 'interchange')")
    op.create_index(
        "transmission_kind_sent_at_idx", "transmission", ["kind", "sent_at"], sqlite_where=sent, postgresql_where=sent
    )
    waits = sa.text("state = 'waiting' and held is null")
    op.create_index(
        "transmission_partner_kind_test_next_at_idx",
        "transmission",
        ["partner", "kind", "test", "next_at"],
        sqlite_where=waits,
        postgresql_where=waits,
    )
    stuck = sa.text("state in ('parked', 'refused')")
    op.create_index(
        "transmission_created_at_state_idx",
        "transmission",
        ["created_at", "state"],
        sqlite_where=stuck,
        postgresql_where=stuck,
    )
    held = sa.text("held is not null")
    op.create_index(
        "transmission_partner_position_idx",
        "transmission",
        ["partner", "position"],
        sqlite_where=held,
        postgresql_where=held,
    )
    unanswered = sa.text("acknowledged is null and ack_due is not null")
    op.create_index(
        "transmission_ack_due_idx",
        "transmission",
        ["ack_due"],
        sqlite_where=unanswered,
        postgresql_where=unanswered,
    )
    op.create_table(
        "vat_rate",
        sa.Column("area", types.text, nullable=False),
        sa.Column("code", types.text, nullable=False),
        sa.Column("valid_from", types.date, nullable=False),
        sa.Column("category", types.text, nullable=False),
        sa.Column("rate", types.decimal, nullable=False),
        sa.Column("version", types.integer, nullable=False),
        sa.PrimaryKeyConstraint("area", "code", "valid_from", name="vat_rate_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "waiting",
        sa.Column("service", types.text, nullable=False),
        sa.Column("message_id", types.uuid, nullable=False),
        sa.Column("okey", types.text, nullable=False),
        sa.Column("seq", types.integer, nullable=False),
        sa.Column("blocks", types.boolean, nullable=False),
        sa.Column("until", types.instant, nullable=False),
        sa.Column("deadline", types.instant, nullable=True),
        sa.Column("awaits", types.text, nullable=True),
        sa.Column("attempts", types.integer, nullable=False),
        sa.Column("reason", types.text, nullable=False),
        sa.PrimaryKeyConstraint("service", "message_id", name="waiting_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("waiting_service_awaits_idx", "waiting", ["service", "awaits"])
    op.create_index("waiting_service_okey_seq_idx", "waiting", ["service", "okey", "seq"])
    op.create_index("waiting_service_until_idx", "waiting", ["service", "until"])
    if op.get_context().dialect.name == "postgresql":
        for queue in ("outbox", "waiting"):
            op.execute(
                f"alter table {queue} set (fillfactor = 70, autovacuum_vacuum_threshold = 1000,"
                " autovacuum_vacuum_scale_factor = 0)"
            )
