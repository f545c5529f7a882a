"""SES's part of the cloud in memory, in its query protocol."""

from urllib.parse import parse_qs

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from tests.simulator.faults import response


def subject_of(request: AWSPreparedRequest) -> str:
    """Return the subject of the e-mail that a request sends."""
    body = request.body.decode() if isinstance(request.body, bytes) else request.body
    return parse_qs(body)["Message.Subject.Data"][0]


def sent(request: AWSPreparedRequest) -> AWSResponse:
    """Say that the e-mail is taken."""
    body = "<SendEmailResponse><SendEmailResult><MessageId>mail</MessageId></SendEmailResult></SendEmailResponse>"
    return response(request, 200, body.encode())
