"""Files of a case: from the stream to the encrypted document, and everything that looks into them."""
