"""Where MiniStack asks IAM for other things than AWS does.

SQS has no action for a batch: `sqs:ChangeMessageVisibility` allows ChangeMessageVisibilityBatch too, and so on. The requests of message
move tasks are about the queue that they name by its ARN.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
"""

from ministack.core import iam_actions

action_of_request = iam_actions.extract_iam_action
resource_of_request = iam_actions.extract_resource_arn


def extract_iam_action(service: str, *args, **kwargs):
    action = action_of_request(service, *args, **kwargs)
    return action.removesuffix("Batch") if service == "sqs" and isinstance(action, str) else action


def extract_resource_arn(service: str, method: str, path: str, headers: dict, body: bytes, query_params: dict, *args, **kwargs):
    source = iam_actions._param(body, query_params, "SourceArn") if service == "sqs" else ""
    return source or resource_of_request(service, method, path, headers, body, query_params, *args, **kwargs)


iam_actions.extract_iam_action = extract_iam_action
iam_actions.extract_resource_arn = extract_resource_arn
