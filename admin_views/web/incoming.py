"""The request as the portal reads it: its body never reaches the disk in clear, and is no larger than who sends it may send."""

import io

from flask import Request, session

ANONYMOUS = 64_000  # bytes of a body of somebody who is not logged in
OPEN_TO_ALL = ("lnr_api.", "lnr_site.")  # which measure a message themselves
# Views that count the bytes of a raw body themselves.
MEASURED = (
    "files.upload",
    "resumable.append",
    "upload_link.take",
    "upload_link.append",
    "lnr_upload.take",
    "lnr_api.take",
    "lnr_api.look",
    "lnr_api.understand",
    "lnr_api.take_many",
)


class Incoming(Request):
    """A request whose body never reaches the disk in clear, and whose host is compared without case, as names of hosts are."""

    def __init__(self, asked, *rest, **more):
        if "HTTP_HOST" in asked:
            asked["HTTP_HOST"] = asked["HTTP_HOST"].lower()
        super().__init__(asked, *rest, **more)

    @property
    def max_content_length(self):
        # Measured by the view itself; reading the form keys must not refuse it first. No page of ours sends a form there: read
        # as one, the file in it would be held in memory before anybody was asked who sends it.
        if self.endpoint in MEASURED:
            is_form = self.mimetype == "multipart/form-data" and not self.endpoint.startswith("lnr_api.")
            return ANONYMOUS if is_form else None
        # As the gate before the application does. Not by whose session it is: to find that out, Flask-Security reads a body of
        # JSON, and so asks here again.
        known = "_user_id" in session or self._is_invited() or (self.endpoint or "").startswith(OPEN_TO_ALL)
        return super().max_content_length if known else ANONYMOUS

    def _is_invited(self):
        """Whether a colleague sends files in an ordinary form, after the code of an upload link."""
        return self.endpoint == "upload_link.take_form" and "uploadlinks" in session

    def _get_file_stream(self, total_content_length, content_type, filename=None, content_length=None):
        # Werkzeug would spool a larger part to the temporary folder. The general limit keeps this small.
        return io.BytesIO()
