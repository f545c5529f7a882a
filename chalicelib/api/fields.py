"""Types of fields that requests share; their limits are the contract's."""

from typing import Annotated

from msgspec import Meta

from chalicelib.ids import MAX_ID

Id = Annotated[int, Meta(ge=1, le=MAX_ID)]

# Something to read on one line: no control characters, and not only white space.
TextLine = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^(?=.*\S)[^\x00-\x1f\x7f-\x9f]+\Z")]

# Printable ASCII without spaces, quotes or angle brackets, so that an address is safe in a mail header;
# 254 characters is the longest address that SMTP carries (RFC 5321, 4.5.3.1.3).
EmailAddress = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+\Z",
        max_length=254,
    ),
]
