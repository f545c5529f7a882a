"""Python loads this at its start where the folder is on its path: it notes every AWS call of a function."""

import json
import os

if "RECORDED_CALLS" in os.environ and "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    from botocore import handlers

    def note(params, model, **_):
        call = {
            "function": os.environ["AWS_LAMBDA_FUNCTION_NAME"],
            "service": model.service_model.service_name,
            "operation": model.name,
            "parameters": params,
        }
        # One short write at the end of the file, so that functions do not mix their lines.
        with open(os.environ["RECORDED_CALLS"], "a") as file:
            file.write(json.dumps(call, default=str) + "\n")

    handlers.BUILTIN_HANDLERS.append(("before-parameter-build", note))
