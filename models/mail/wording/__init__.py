"""The words of mails that people change, and trying them out."""
