"""Self-assessment, diagnosis, acceptance grading, and the plan that follows."""
