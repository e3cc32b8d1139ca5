"""The four SQS actions that MiniStack lacks: StartMessageMoveTask, ListMessageMoveTasks, CancelMessageMoveTask and
ListDeadLetterSourceQueues.

As AWS does (API reference of SQS, and "Configure a dead-letter queue redrive" in its developer guide):

- only a queue that is the dead-letter queue of another may be a source, and only one task runs for a source;
- only visible messages are moved, the oldest first;
- a moved message is a new one: new message id, receive count 0, new time of sending; body and attributes are kept;
- without a destination each message goes back to the queue that it came from;
- a task is listed with its handle only while it runs.

The actions go into MiniStack's own table of handlers and use its private names: see ministack_version.py.
"""

import asyncio
import base64
import json
import time

from ministack.core.responses import new_uuid
from ministack.services import sqs

LISTED_TASKS = 10

# ARN of a source → its tasks, newest first; and the coroutines that run, which asyncio itself would forget.
tasks_by_source: dict[str, list[dict]] = {}
running: set[asyncio.Task] = set()


def start_task(request: dict, _url: str) -> dict:
    source_arn = request.get("SourceArn", "")
    source = queue_of(source_arn)
    if not queues_with_dlq(source_arn):
        raise sqs._Err("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.", 400)
    if request.get("DestinationArn"):
        queue_of(request["DestinationArn"])
    tasks = tasks_by_source.setdefault(source_arn, [])
    if tasks and tasks[0]["Status"] == "RUNNING":
        raise sqs._Err(
            "UnsupportedOperation",
            "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
            400,
        )
    task = new_task(request, source)
    tasks.insert(0, task)
    coroutine = asyncio.get_running_loop().create_task(run(task, source))
    running.add(coroutine)
    coroutine.add_done_callback(running.discard)
    return {"TaskHandle": task["TaskHandle"]}


def list_tasks(request: dict, _url: str) -> dict:
    source_arn = request.get("SourceArn", "")
    queue_of(source_arn)
    count = min(int(request.get("MaxResults") or 1), LISTED_TASKS)
    return {"Results": [as_listed(task) for task in tasks_by_source.get(source_arn, [])[:count]]}


def cancel_task(request: dict, _url: str) -> dict:
    for task in (task for tasks in tasks_by_source.values() for task in tasks):
        if task["TaskHandle"] != request.get("TaskHandle"):
            continue
        if task["Status"] != "RUNNING":
            raise sqs._Err("UnsupportedOperation", "Only active tasks can be cancelled.", 400)
        task["Status"] = "CANCELLED"
        return {"ApproximateNumberOfMessagesMoved": task["ApproximateNumberOfMessagesMoved"]}
    raise sqs._Err("ResourceNotFoundException", "Task does not exist.", 404)


def list_source_queues(request: dict, url: str) -> dict:
    dlq = sqs._get_q(request.get("QueueUrl", url))
    return {"queueUrls": [queue["url"] for queue in queues_with_dlq(dlq["attributes"]["QueueArn"])]}


def new_task(request: dict, source: dict) -> dict:
    now = time.time()
    source_arn = request["SourceArn"]
    handle = json.dumps({"taskId": new_uuid(), "sourceArn": source_arn})
    task = {
        "TaskHandle": base64.b64encode(handle.encode()).decode(),
        "Status": "RUNNING",
        "SourceArn": source_arn,
        "ApproximateNumberOfMessagesMoved": 0,
        "ApproximateNumberOfMessagesToMove": sum(message["visible_at"] <= now for message in source["messages"]),
        "StartedTimestamp": int(now * 1000),
    }
    for name in ("DestinationArn", "MaxNumberOfMessagesPerSecond"):
        if request.get(name):
            task[name] = request[name]
    return task


async def run(task: dict, source: dict) -> None:
    rate = task.get("MaxNumberOfMessagesPerSecond")
    try:
        while task["Status"] == "RUNNING":
            move_one(task, source)
            await asyncio.sleep(1 / rate if rate else 0)
    except Exception as error:  # a task must not look alive when it is dead
        task["Status"], task["FailureReason"] = "FAILED", repr(error)


def move_one(task: dict, source: dict) -> None:
    """Moves the oldest visible message, or ends the task."""
    now = time.time()
    # MiniStack's own event source mapping works on the same queues from other threads.
    with sqs._queues_lock:
        message = next((message for message in source["messages"] if message["visible_at"] <= now), None)
        if message is None:
            task["Status"] = "COMPLETED"
            return
        arn = task.get("DestinationArn") or message["sys"].get("DeadLetterQueueSourceArn")
        destination = sqs._queue_by_arn(arn) if arn else None
        if destination is None:
            task["Status"], task["FailureReason"] = "FAILED", "CouldNotDetermineMessageSource"
            return
        source["messages"].remove(message)
        destination["messages"].append(as_new(message, destination, now))
    task["ApproximateNumberOfMessagesMoved"] += 1
    sqs.esm_wake.set()


def as_new(message: dict, destination: dict, now: float) -> dict:
    system = {name: value for name, value in message["sys"].items() if name != "DeadLetterQueueSourceArn"}
    moved = {
        **message,
        "id": new_uuid(),
        "receipt_handle": None,
        "sent_at": now,
        "enqueued_at": now,
        "visible_at": now,
        "receive_count": 0,
        "first_receive_at": None,
        "sys": {**system, "SentTimestamp": str(int(now * 1000))},
    }
    if destination["is_fifo"]:
        destination["fifo_seq"] += 1
        moved["seq"] = str(destination["fifo_seq"]).zfill(20)
    return moved


def queues_with_dlq(arn: str) -> list[dict]:
    policies = ((queue, queue["attributes"].get("RedrivePolicy")) for queue in sqs._queues.values())
    return [queue for queue, policy in policies if policy and json.loads(policy).get("deadLetterTargetArn") == arn]


def queue_of(arn: str) -> dict:
    queue = sqs._queue_by_arn(arn) if arn else None
    if queue is None:
        message = "The resource that you specified for the SourceArn parameter doesn't exist."
        raise sqs._Err("ResourceNotFoundException", message, 404)
    return queue


def as_listed(task: dict) -> dict:
    return {name: value for name, value in task.items() if name != "TaskHandle" or task["Status"] == "RUNNING"}


sqs._HANDLERS.update(
    {
        "StartMessageMoveTask": start_task,
        "ListMessageMoveTasks": list_tasks,
        "CancelMessageMoveTask": cancel_task,
        "ListDeadLetterSourceQueues": list_source_queues,
    }
)
