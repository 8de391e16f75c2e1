"""What the Python clients' programs share: the runner's protocol, records, the group's ledger, and whole scenarios."""
