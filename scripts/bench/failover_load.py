"""Produces to a partition while its leader goes, and tells how long nothing was acknowledged.

The argument is JSON: bootstrap, topic, socketTimeoutMs (or null). A record every 5 ms goes to partition 0, with acks=all
and idempotence. Says {"event": "ready"} once records are acknowledged, goes on until a line comes, reads everything back
and prints what it found.
"""

import json
import sys
import threading
import time

from confluent_kafka import Consumer, Producer, TopicPartition

WARM_UP_SECONDS = 3
READ_PATIENCE_SECONDS = 15


def say(**line: object) -> None:
    print(json.dumps(line), flush=True)


class Load:
    def __init__(self, order: dict) -> None:
        self.order = order
        self.acknowledged: list[tuple[float, int]] = []
        self.failed = 0
        self.sent = 0
        self.is_over = threading.Event()

    def delivered(self, error: object, message: object) -> None:
        if error is not None:
            self.failed += 1
        else:
            self.acknowledged.append((time.monotonic(), int(message.value())))

    def produce(self) -> None:
        settings = {
            "bootstrap.servers": self.order["bootstrap"],
            "acks": "all",
            "enable.idempotence": True,
            "linger.ms": 0,
            "retry.backoff.ms": 50,
            "retry.backoff.max.ms": 200,
            "reconnect.backoff.ms": 50,
            "reconnect.backoff.max.ms": 200,
            "topic.metadata.refresh.fast.interval.ms": 50,
            "log_level": 0,
        }
        timeout = self.order["socketTimeoutMs"]
        if timeout is not None:
            settings |= {"socket.timeout.ms": timeout, "request.timeout.ms": timeout}
        producer = Producer(settings)
        ready_at = time.monotonic() + WARM_UP_SECONDS
        is_ready = False
        while not self.is_over.is_set():
            producer.produce(
                self.order["topic"], str(self.sent).encode(), partition=0, on_delivery=self.delivered
            )
            self.sent += 1
            producer.poll(0.005)
            if not is_ready and self.acknowledged and time.monotonic() > ready_at:
                is_ready = True
                say(event="ready")
        producer.flush(60)

    def read(self) -> list[int]:
        consumer = Consumer(
            {
                "bootstrap.servers": self.order["bootstrap"],
                "group.id": "failover",
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
                "log_level": 0,
            }
        )
        consumer.assign([TopicPartition(self.order["topic"], 0, 0)])
        values: list[int] = []
        deadline = time.monotonic() + READ_PATIENCE_SECONDS
        while len(values) < len(self.acknowledged) and time.monotonic() < deadline:
            message = consumer.poll(0.5)
            if message is not None and message.error() is None:
                values.append(int(message.value()))
                deadline = time.monotonic() + READ_PATIENCE_SECONDS
        consumer.close()
        return values


def main() -> None:
    load = Load(json.loads(sys.argv[1]))

    def wait_for_the_end() -> None:
        sys.stdin.readline()
        load.is_over.set()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    load.produce()
    values = load.read()
    times = [at for at, _ in load.acknowledged]
    read = set(values)
    say(
        event="done",
        gapMs=max((later - at for at, later in zip(times, times[1:])), default=0) * 1000,
        failed=load.failed,
        lost=sum(1 for _, value in load.acknowledged if value not in read),
        doubled=len(values) - len(read),
        reordered=sum(1 for before, after in zip(values, values[1:]) if after < before),
    )


main()
