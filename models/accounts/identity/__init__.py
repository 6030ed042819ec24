"""The log-in of a hospital itself (OpenID Connect): which providers there are, what they are believed, who is linked."""
