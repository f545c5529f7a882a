"""One CloudFormation stack: changed by a change set, deleted, and watched meanwhile."""

import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from infra.clients import Client
from infra.stack.template import Template

POLL_SECONDS = 1
# Five minutes for a change set, which only compares templates.
CHANGE_SET_POLLS = 300
# A Redis cache with its network takes 15 minutes; this only ends a wait that hangs.
PATIENCE_SECONDS = 3600.0
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
# After its first creation failed a stack can only be deleted.
NEVER_CREATED = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"})
# A stack whose first change set was never executed is empty.
EMPTY = "REVIEW_IN_PROGRESS"
_NO_CHANGES = ("didn't contain changes", "No updates are to be performed")


class NotDeployed(Exception):
    """The deployment failed; the message says why."""


class Stack:
    """A stack by its name.

    Args:
        cloudformation: a client.
        name: the stack's.
        say: called with each line of progress.
    """

    def __init__(self, cloudformation: Client, name: str, say: Callable[[str], None]) -> None:
        self._cloudformation = cloudformation
        self._name = name
        self._say = say
        self._seen: set[str] = set()

    def outputs(self) -> dict[str, str]:
        """Return the stack's outputs by their names; none if there is no such stack."""
        found = self._describe() or {}
        return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", ())}

    def deploy(self, template_url: str, template: Template, given: Mapping[str, str]) -> bool:
        """Create the stack or bring it up to a template.

        Args:
            template_url: where CloudFormation finds the template.
            template: the same, parsed.
            given: parameters by their names; others stay as they are, or have their defaults at first.

        Returns:
            Whether there was anything to change.

        Raises:
            NotDeployed: it failed, and everything is as it was before; or a parameter is unknown.
        """
        known = template["Parameters"]
        if unknown := given.keys() - known.keys():
            raise NotDeployed(
                f"there is no parameter {', '.join(sorted(unknown))}, only {', '.join(sorted(known))}"
            )
        stack = self._describe()
        if stack and stack["StackStatus"] in NEVER_CREATED:
            self._say("Deleting what is left of a first deployment that failed ...")
            self.delete()
            stack = None
        is_new = stack is None or stack["StackStatus"] == EMPTY
        parameters = _parameters(known, given, stack or {})
        if not self._prepare(template_url, "CREATE" if is_new else "UPDATE", parameters):
            return False
        self._watch(self._name, "CREATE_COMPLETE" if is_new else "UPDATE_COMPLETE")
        return True

    def delete(self) -> None:
        """Delete the stack.

        Raises:
            NotDeployed: something in it could not be deleted.
        """
        stack = self._describe()
        if stack is None:
            return
        # A deleted stack is found by its id only, not by its name.
        self._news(stack["StackId"])
        self._cloudformation.delete_stack(StackName=stack["StackId"])
        self._watch(stack["StackId"], "DELETE_COMPLETE")

    def _prepare(self, template_url: str, kind: str, parameters: list[dict[str, Any]]) -> bool:
        change_set = f"deploy-{uuid.uuid4().hex[:12]}"
        self._cloudformation.create_change_set(
            StackName=self._name,
            ChangeSetName=change_set,
            ChangeSetType=kind,
            TemplateURL=template_url,
            Parameters=parameters,
            Capabilities=CAPABILITIES,
        )
        try:
            self._cloudformation.get_waiter("change_set_create_complete").wait(
                StackName=self._name,
                ChangeSetName=change_set,
                WaiterConfig={"Delay": POLL_SECONDS, "MaxAttempts": CHANGE_SET_POLLS},
            )
        except WaiterError as error:
            reason = error.last_response.get("StatusReason") or str(error)
            self._cloudformation.delete_change_set(StackName=self._name, ChangeSetName=change_set)
            if any(text in reason for text in _NO_CHANGES):
                return False
            raise NotDeployed(f"CloudFormation refused the template: {reason}") from error
        self._news(self._name)
        self._cloudformation.execute_change_set(StackName=self._name, ChangeSetName=change_set)
        return True

    def _watch(self, stack_name: str, good: str) -> None:
        """Report the stack's events until it is done.

        Raises:
            NotDeployed: its status is not `good` then, or it took longer than `PATIENCE_SECONDS`.
        """
        failed: list[str] = []
        # Until the first event the status is still the old one.
        has_begun = False
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            stack = self._describe()
            for event in self._news(stack_name):
                has_begun = True
                status, reason = event["ResourceStatus"], event.get("ResourceStatusReason", "")
                line = f"{status:<20} {event['ResourceType']:<32} {event['LogicalResourceId']}"
                self._say(f"  {line}")
                if status.endswith("_FAILED"):
                    failed.append(f"{event['LogicalResourceId']}: {reason}")
            status = stack["StackStatus"] if stack else "DELETE_COMPLETE"
            if has_begun and not status.endswith("_IN_PROGRESS"):
                break
            if time.monotonic() > end:
                raise NotDeployed(f"CloudFormation is not done after {PATIENCE_SECONDS:g} seconds")
            time.sleep(POLL_SECONDS)
        if status != good:
            reasons = "\n  ".join(failed) or "no resource says why"
            raise NotDeployed(f"the stack is now {status}:\n  {reasons}")

    def _describe(self) -> dict[str, Any] | None:
        try:
            (stack,) = self._cloudformation.describe_stacks(StackName=self._name)["Stacks"]
        except ClientError as error:
            if "does not exist" not in str(error):
                raise
            return None
        return None if stack["StackStatus"] == "DELETE_COMPLETE" else stack

    def _news(self, stack_name: str) -> list[dict[str, Any]]:
        """Return the stack's new events, the oldest first."""
        news: list[dict[str, Any]] = []
        pages = self._cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack_name)
        for event in (event for page in pages for event in page["StackEvents"]):
            if event["EventId"] in self._seen:
                break
            news.append(event)
        self._seen.update(event["EventId"] for event in news)
        return news[::-1]


def _parameters(
    known: Mapping[str, Any], given: Mapping[str, str], stack: Mapping[str, Any]
) -> list[dict[str, Any]]:
    before = {parameter["ParameterKey"] for parameter in stack.get("Parameters", ())}
    return [
        {"ParameterKey": name, "ParameterValue": given[name]}
        if name in given
        else {"ParameterKey": name, "UsePreviousValue": True}
        for name in known
        if name in given or name in before
    ]
