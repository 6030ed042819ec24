"""One LNR message: parsed, read, validated, reported, shown, written."""
