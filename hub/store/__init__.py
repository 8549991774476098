"""What the hub remembers: tables, unit of work, archive, inbox, outbox, queries."""
