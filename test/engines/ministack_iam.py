"""Where MiniStack asks IAM for other actions than AWS does.

SQS has no action for a batch: `sqs:ChangeMessageVisibility` allows ChangeMessageVisibilityBatch too, and so on.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
"""

from ministack.core import iam_actions

action_of_request = iam_actions.extract_iam_action


def extract_iam_action(service: str, *args, **kwargs):
    action = action_of_request(service, *args, **kwargs)
    return action.removesuffix("Batch") if service == "sqs" and isinstance(action, str) else action


iam_actions.extract_iam_action = extract_iam_action
