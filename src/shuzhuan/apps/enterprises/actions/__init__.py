"""What can be done to an archive: one verb per file, each in one transaction, each audited."""
