"""What was expected of children by how they were at admission: approved models, and observed beside expected deaths (SMR)."""
