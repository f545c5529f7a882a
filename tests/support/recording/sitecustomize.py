"""Python loads this at its start where the folder is on its path: it notes every AWS call of a function."""

import json
import os

if "RECORDED_CALLS" in os.environ and "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    from botocore import handlers

    # What goes over our own wire, and so is noted when it is sent.
    OWN_WIRE = ("dynamodb", "sqs")

    def write(service, operation, parameters):
        call = {
            "function": os.environ["AWS_LAMBDA_FUNCTION_NAME"],
            "service": service,
            "operation": operation,
            "parameters": parameters,
        }
        # One short write at the end of the file, so that functions do not mix their lines.
        with open(os.environ["RECORDED_CALLS"], "a") as file:
            file.write(json.dumps(call, default=str) + "\n")

    def note_built(params, model, **_):
        service = model.service_model.service_name
        if service not in OWN_WIRE:
            write(service, model.name, params)

    def note_sent(event_name, request, **_):
        _, service, operation = event_name.split(".")
        if service in OWN_WIRE:
            write(service, operation, json.loads(request.body))

    handlers.BUILTIN_HANDLERS.append(("before-parameter-build", note_built))
    handlers.BUILTIN_HANDLERS.append(("before-send", note_sent))
