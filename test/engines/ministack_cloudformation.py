"""What MiniStack's CloudFormation refuses or forgets and AWS deploys: AWS::CloudWatch::CompositeAlarm, metric math in
AWS::CloudWatch::Alarm (`Metrics`), and CORS of AWS::ApiGatewayV2::Api.

The alarms are kept and described as AWS does (template reference of CloudFormation, API reference of CloudWatch). One with
metric math is never evaluated: it stays INSUFFICIENT_DATA. A property that is not known here is refused, not dropped.

The handlers go into MiniStack's own table and use its private names: see ministack_version.py.
"""

import json
import re

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

SINGLE_METRIC = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Dimensions", "Unit")
# "This name must be unique within the response … The first character must be a lowercase letter" (MetricDataQuery).
QUERY_ID = re.compile(r"[a-z]\w*")
QUERY = {"Id", "Expression", "MetricStat", "Label", "ReturnData", "Period", "AccountId"}
METRIC_STAT = {"Metric", "Period", "Stat", "Unit"}
COMPOSITE = {
    "AlarmName",
    "AlarmDescription",
    "AlarmRule",
    "ActionsEnabled",
    "AlarmActions",
    "OKActions",
    "InsufficientDataActions",
    "Tags",
}

record_of_single_metric = provisioners._cw_metric_alarm_record


def record_of_alarm(name: str, props: dict) -> dict:
    """As MiniStack makes it, also where the alarm is on an expression."""
    if not props.get("Metrics"):
        return record_of_single_metric(name, props)
    given = [property for property in SINGLE_METRIC if property in props]
    if given:
        raise ValueError(f"Metrics list and {', '.join(given)} are mutually exclusive in AWS::CloudWatch::Alarm")
    single = {**props, "Metrics": None, "MetricName": "any", "Namespace": "any"}
    record = record_of_single_metric(name, single)
    for property in SINGLE_METRIC:
        record.pop(property, None)
    return {**record, "Metrics": queries_of(props["Metrics"])}


def queries_of(metrics: list[dict]) -> list[dict]:
    queries = [query_of(metric) for metric in metrics]
    ids = [query["Id"] for query in queries]
    if len(set(ids)) != len(ids) or not all(QUERY_ID.fullmatch(id) for id in ids):
        raise ValueError(f"The ids of Metrics are not unique or do not begin with a lowercase letter: {ids}")
    if sum(query["ReturnData"] for query in queries) != 1:
        raise ValueError("Exactly one element of the metrics list should return data.")
    return queries


def query_of(metric: dict) -> dict:
    refuse_others("Metrics", metric, QUERY)
    if ("Expression" in metric) == ("MetricStat" in metric):
        raise ValueError(f"Metrics: {metric.get('Id')} has either Expression or MetricStat")
    query = {**metric, "ReturnData": truth(metric.get("ReturnData", True))}
    if "Period" in metric:
        query["Period"] = int(metric["Period"])
    if "MetricStat" in metric:
        stat = metric["MetricStat"]
        refuse_others("MetricStat", stat, METRIC_STAT)
        query["MetricStat"] = {**stat, "Period": int(stat["Period"])}
    return query


def create_composite(logical_id: str, props: dict, stack_name: str) -> tuple[str, dict]:
    name = props.get("AlarmName") or provisioners._physical_name(stack_name, logical_id, max_len=255)
    return put_composite(name, props)


def update_composite(physical_id: str, old: dict, new: dict, stack_name: str, logical_id: str | None = None) -> tuple[str, dict]:
    name = new.get("AlarmName") or provisioners._physical_name(stack_name, logical_id or physical_id, max_len=255)
    known = physical_id if physical_id in cloudwatch._composite_alarms else None
    # A new name is a replacement: the new alarm first, then the old one goes.
    replaced = provisioners._rename_replacement(
        physical_id, old, new, stack_name, logical_id, name, known, create_composite, delete_composite
    )
    return put_composite(name, new) if replaced is None else replaced


def delete_composite(physical_id: str, _props: dict) -> None:
    call(cloudwatch._delete_alarms, {"AlarmNames": [physical_id]})


def put_composite(name: str, props: dict) -> tuple[str, dict]:
    refuse_others("AWS::CloudWatch::CompositeAlarm", props, COMPOSITE)
    request = {**props, "AlarmName": name, "ActionsEnabled": truth(props.get("ActionsEnabled", True))}
    # CloudFormation's own, "aws:…", are refused of others; and a later put ignores all of them.
    request.pop("Tags", None)
    call(cloudwatch._put_composite_alarm, request)
    arn = cloudwatch._composite_alarms[name]["AlarmArn"]
    cloudwatch._resource_tags[arn] = {tag["Key"]: tag.get("Value", "") for tag in props.get("Tags") or []}
    return name, {"Arn": arn}


def call(action, request: dict) -> None:
    """What the API would do."""
    status, _headers, body = action({}, request, is_cbor=False, is_json=True)
    if status != 200:
        answer = json.loads(body)
        raise ValueError(answer.get("message") or answer.get("Message") or str(answer))


def refuse_others(where: str, props: dict, known: set[str]) -> None:
    others = sorted(set(props) - known)
    if others:
        raise ValueError(f"{where}: {', '.join(others)} is not known to ministack_cloudformation.py")


def truth(value: bool | str) -> bool:
    return value if isinstance(value, bool) else str(value).lower() == "true"


def with_cors(props: dict) -> dict:
    """With the names that MiniStack's API looks up; its templates have others, and every origin is denied."""
    cors = props.get("CorsConfiguration")
    if not cors:
        return props
    return {**props, "CorsConfiguration": {name[0].lower() + name[1:]: value for name, value in cors.items()}}


def create_api(logical_id: str, props: dict, stack_name: str) -> tuple[str, dict]:
    return provisioners._apigw_v2_api_create(logical_id, with_cors(props), stack_name)


def update_api(physical_id: str, old: dict, new: dict, stack_name: str, logical_id: str | None = None) -> tuple[str, dict]:
    return provisioners._apigw_v2_api_update(physical_id, with_cors(old), with_cors(new), stack_name, logical_id)


provisioners._RESOURCE_HANDLERS["AWS::ApiGatewayV2::Api"].update({"create": create_api, "update": update_api})
provisioners._cw_metric_alarm_record = record_of_alarm
provisioners._STACK_TAG_PROPERTY["AWS::CloudWatch::CompositeAlarm"] = ("Tags", "list")
provisioners._RESOURCE_HANDLERS["AWS::CloudWatch::CompositeAlarm"] = {
    "create": create_composite,
    "update": update_composite,
    "update_with_logical_id": True,
    "delete": delete_composite,
}
