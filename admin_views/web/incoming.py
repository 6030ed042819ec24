"""The request as the portal reads it: its body never reaches the disk in clear, and is no larger than who sends it may send."""

import io

from flask import Request, session
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

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
# How a file is sent, whole or in parts: what neither a form parser nor a reader of JSON takes up.
AS_IT_COMES = {"application/octet-stream", "application/offset+octet-stream"}
MOST_FIELDS = 10_000  # in one form: each takes some hundred bytes of memory, however short it is


class FormParser(FormDataParser):
    """Werkzeug's parser, which bounds the fields of a multipart body and not those of the other kind."""

    def parse(self, stream, mimetype, content_length, options=None):
        if mimetype == "application/x-www-form-urlencoded":
            body = stream.read()
            if body.count(b"&") >= MOST_FIELDS:
                raise RequestEntityTooLarge
            stream = io.BytesIO(body)
        return super().parse(stream, mimetype, content_length, options)


class Incoming(Request):
    """A request whose body never reaches the disk in clear, and whose host is compared without case, as names of hosts are."""

    form_data_parser_class = FormParser

    def __init__(self, asked, *rest, **more):
        if "HTTP_HOST" in asked:
            asked["HTTP_HOST"] = asked["HTTP_HOST"].lower()
        super().__init__(asked, *rest, **more)

    @property
    def max_content_length(self):
        # Measured by the view itself, where it reads the body as it comes. Anything else there comes from no page of ours: a
        # form or JSON would be held and parsed in memory before anybody was asked who sends it.
        if self.endpoint in MEASURED:
            raw = self.mimetype in AS_IT_COMES or self.endpoint.startswith("lnr_api.")
            return None if raw else ANONYMOUS
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
