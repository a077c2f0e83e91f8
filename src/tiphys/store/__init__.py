"""Where state rows, events and audit records are kept: one `commit`, one transaction. SQL stands in `.sql` files."""
