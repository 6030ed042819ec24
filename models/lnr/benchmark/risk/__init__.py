"""What is expected of children by how they were at admission: the file of a model, and what it may know of a child."""
