"""functions.*: an app tells what an execution of its function came to.

Source: Slack docs, functions.completeSuccess, functions.completeError.
"""

from bot.sandbox.slack.errors import ApiError
from bot.sandbox.slack.functions import Execution, problems_of_values
from bot.sandbox.slack.model import Json
from bot.sandbox.slack.problems import Where
from bot.sandbox.slack.state import State
from bot.sandbox.slack.web_api.call import Call, method


def _execution(state: State, call: Call) -> Execution:
    """Return the execution of a call; a token of another execution finds none."""
    found = state.executions.get(call.need("function_execution_id"))
    own = state.execution_of(call.token)
    if found is None or own not in (None, found):
        raise ApiError("function_execution_not_found")
    return found


@method("functions.completeSuccess")
def complete_success(state: State, call: Call) -> Json:
    """Complete an execution, with all the outputs that the manifest names."""
    with state.workspace.lock:
        execution = _execution(state, call)
        outputs = call.structure("outputs")
        declared = state.functions[execution.callback_id]["output_parameters"]
        wrong = problems_of_values(declared, outputs, Where("/outputs"))
        if wrong:
            raise ApiError("parameter_validation_failed", messages=[f"[ERROR] {one}" for one in wrong])
        execution.complete(outputs)
    return {}


@method("functions.completeError")
def complete_error(state: State, call: Call) -> Json:
    """Fail an execution, with words for who built and who started the workflow."""
    with state.workspace.lock:
        _execution(state, call).fail(call.need("error"))
    return {}
