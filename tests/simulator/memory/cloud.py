"""A whole cloud in memory, behind botocore's own hooks: the product runs as it is, and nothing leaves the process.

Every botocore session that is made while the cloud is up belongs to it, so that a client that was forgotten
is in it as well.
"""

import copy
import random
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import botocore
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.session import Session

from chalicelib.platform import aws
from chalicelib.platform.clock import Clock
from infra.stack.template import tables
from tests.simulator.faults import Call, Fault, meet, response
from tests.simulator.memory.dynamodb import MemoryDynamoDB, Refused
from tests.simulator.memory.mail import sent, subject_of
from tests.simulator.memory.queues import MemorySqs
from tests.support.descriptions import share_descriptions

BUCKET = "snapshots"
ENDPOINT = "http://memory.invalid"


class MemoryCloud:
    """DynamoDB, SQS, SES and S3.

    Args:
        stage: whose tables there are.
        clock: the time by which messages become visible.
        chance: chooses in which order messages come.
        late: whether global indexes follow their tables late, as they may.
        duplicate: how likely a message that is sent is there twice.
    """

    def __init__(
        self,
        stage: str,
        clock: Clock,
        chance: random.Random,
        *,
        late: bool = False,
        duplicate: float = 0.0,
    ) -> None:
        self.dynamodb = MemoryDynamoDB(tables(stage), chance if late else None)
        self.sqs = MemorySqs(chance, clock, duplicate)
        self.mails: list[str] = []
        self.objects: dict[str, bytes] = {}
        self.calls = 0
        # A product that has threads makes calls at once, which change the tables one after the other.
        self._lock = threading.Lock()
        self.faults: list[Fault] = []

    @contextmanager
    def up(self) -> Iterator["MemoryCloud"]:
        """Answer every botocore client that is made meanwhile."""
        aws.session.cache_clear()
        botocore.register_initializer(self._join)
        try:
            yield self
        finally:
            botocore.unregister_initializer(self._join)
            aws.session.cache_clear()

    def copy(self, other: "MemoryCloud") -> None:
        """Hold the tables and files of another cloud whose queues are empty, as they are now."""
        self.dynamodb, self.objects = copy.deepcopy(other.dynamodb), dict(other.objects)

    def carry_out(self, call: Call) -> AWSResponse:
        """Do what a call asks for."""
        self.calls += 1
        service, operation, request = call.service, call.operation, call.request
        if service == "s3":
            return self._s3(operation, request)
        if service == "ses":
            self.mails.append(subject_of(request))
            return sent(request)
        if service == "sqs":
            return call.answer(self.sqs.answer(operation, call.body))
        try:
            with self._lock:
                return call.answer(self.dynamodb.answer(operation, call.body))
        except Refused as refused:
            content = {"__type": f"com.amazonaws.dynamodb.v20120810#{refused.code}", "message": refused.code}
            return call.answer(content | refused.content, 400)

    def _join(self, session: Session) -> None:
        share_descriptions(session)
        meet(session.get_component("event_emitter"), self._answer)

    def _answer(self, call: Call) -> AWSResponse:
        call = replace(call, send=self.carry_out)
        for fault in self.faults:
            if answer := fault(call):
                return answer
        return call.carry_out()

    def _s3(self, operation: str, request: AWSPreparedRequest) -> AWSResponse:
        key = unquote(urlsplit(request.url).path).split("/", 2)[-1]
        match operation:
            case "PutObject":
                self.objects[key] = _content(request)
                return response(request, 200, b"")
            case "GetObject" if key in self.objects:
                return response(request, 200, self.objects[key])
            case "GetObject":
                return response(request, 404, b"<Error><Code>NoSuchKey</Code></Error>")
            case "ListObjectsV2":
                contents = "".join(
                    f"<Contents><Key>{escape(key)}</Key></Contents>" for key in sorted(self.objects)
                )
                return response(request, 200, f"<ListBucketResult>{contents}</ListBucketResult>".encode())
            case "DeleteObjects":
                for element in ElementTree.fromstring(_content(request)).iter():
                    if element.tag.endswith("Key"):
                        self.objects.pop(element.text or "", None)
                return response(request, 200, b"<DeleteResult/>")
        raise NotImplementedError(operation)


def _content(request: AWSPreparedRequest) -> bytes:
    """Return what is uploaded, without the frames of a chunked upload."""
    body = request.body.read() if hasattr(request.body, "read") else request.body
    if "aws-chunked" not in str(request.headers.get("Content-Encoding", "")):
        return body
    content, position = b"", 0
    while match := re.compile(rb"([0-9a-fA-F]+)\r\n").match(body, position):
        size = int(match[1], 16)
        content += body[match.end() : match.end() + size]
        position = match.end() + size + 2
        if not size:
            break
    return content
