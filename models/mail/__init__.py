"""The outbox: mails as rows, and how they leave."""
