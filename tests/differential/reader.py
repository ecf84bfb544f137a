"""The largest attachment of a message, as Python's email takes it apart.

What is an attachment is as rules 11 and 12 of the tally have it, by what Python says of the parts.
"""

import email
import email.policy
import re

IDENTITIES = ("", "7bit", "8bit", "binary")
ENCODINGS = IDENTITIES + ("base64", "quoted-printable")
FILES = re.compile(rb"(?:\A|[\r\n])(?:begin(?:-base64)? [0-7]{3,} |=ybegin )")


def octets(text):
    return len(text.encode("ascii", "surrogateescape")) if text else 0


def has_name(part):
    return (
        part.get_param("filename", None, "content-disposition") is not None
        or part.get_param("name", None, "content-disposition") is not None
        or part.get_param("name") is not None
    )


def is_inline(part):
    return part.get("content-disposition") is None or part.get_content_disposition() == "inline"


class Reading:
    """One message: its largest attachment, found on the way through its parts."""

    def __init__(self, message):
        self.largest = 0
        self.read(message, True, False)

    def weigh(self, size):
        self.largest = max(self.largest, size)
        return size

    def leaf(self, part, cover, digest):
        encoding = str(part.get("content-transfer-encoding", "")).strip().lower()
        content = part.get_payload(decode=True)
        if content is None:
            content = b""
        exempt = (
            cover
            and part.get_content_type() in ("text/plain", "text/html")
            and not (digest and part.get("content-type") is None)
            and is_inline(part)
            and not has_name(part)
            and encoding in ENCODINGS
            and not FILES.search(content)
        )
        return len(content) if exempt else self.weigh(len(content))

    def read(self, part, cover, digest):
        """The octets of the part's leaves together."""
        if not part.is_multipart():
            return self.leaf(part, cover, digest)
        alternative = part.get_content_type() == "multipart/alternative"
        within_digest = part.get_content_type() == "multipart/digesx"
        size = self.weigh(octets(part.preamble)) + self.weigh(octets(part.epilogue))
        for i, child in enumerate(part.get_payload()):
            size += self.read(child, cover and (alternative or i == 0), within_digest)
        if not is_inline(part) or has_name(part):
            self.weigh(size)
        return size


def largest(message, policy):
    return Reading(email.message_from_bytes(message, policy=policy)).largest
