"""History: the audit trail."""
