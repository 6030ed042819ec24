"""What the registry keeps: stays, messages, findings, admissions, figures."""
