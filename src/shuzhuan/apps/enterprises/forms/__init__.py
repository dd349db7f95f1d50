"""Forms of the archive. They read strictly and say in Chinese what to write instead."""
