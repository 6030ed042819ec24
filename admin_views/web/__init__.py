"""What surrounds every screen: the application, requests, errors, start page, handbook."""
