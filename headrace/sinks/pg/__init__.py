"""PostgreSQL: connections, the table and its statements, the ledger of what is done."""
