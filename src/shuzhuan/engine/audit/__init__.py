"""Hash chain and Merkle tree of the audit log; pure functions, no storage."""
