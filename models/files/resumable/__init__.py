"""Large files that come in parts, so that a broken upload goes on where it stopped."""
