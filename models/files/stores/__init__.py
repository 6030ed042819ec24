"""Where sealed bytes lie: a folder of this machine, or a bucket of an S3 store."""


class Unanswered(OSError):
    """The store did not do what was asked, or not in time. It says nothing about the bytes."""
