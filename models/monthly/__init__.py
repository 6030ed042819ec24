"""The monthly request: who was asked, what was answered, and how well."""
