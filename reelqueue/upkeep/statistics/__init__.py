"""Statistics: what became of the jobs, counted from the ledger's marks, and the storage's use."""
