"""Follows a registry's repositories and writes down each push and each move of a tag, once."""

import json
import os
import sys

from confluent_kafka import Consumer

JOURNAL = os.environ.get("JOURNAL", "journal.jsonl")


def described(kind, version, data):
    """What happened, in words; None for what nobody wants to read about, and for types that come later."""
    if kind == "ManifestPushed":
        return f"pushed {data['manifest']['kind']} {data['digest']}"
    if kind == "TagMoved":
        return f"tag {data['tag']}: {data['previous'] or 'nothing'} -> {data['digest']}"
    if kind == "TagRestored":
        # Version 1 knew no end: such a tag never stops being alive.
        end = None if version == 1 else data["end"]
        return f"tag {data['tag']} is back: {data['digest']} until {end or 'somebody moves it'}"
    return None


def open_journal(path):
    """The file, for further lines, and the ids of the events in it. A line that a crash cut off is dropped."""
    journal = open(path, "a+b")
    journal.seek(0)
    lines = [line for line in journal if line.endswith(b"\n")]
    journal.truncate(sum(map(len, lines)))
    return journal, {json.loads(line)["id"] for line in lines}


def handle(message, journal, seen):
    headers = {name: value.decode() for name, value in message.headers() or []}
    if headers.get("ce_specversion") != "1.0":
        print(f"passed over {message.topic()}/{message.partition()}/{message.offset()}", file=sys.stderr)
        return
    what = described(headers["ce_type"], int(headers["ce_schemaversion"]), json.loads(message.value()))
    # At least once: after a failure the same event comes again.
    if what is None or headers["ce_id"] in seen:
        return
    # Nobody is named where nobody signed in, or where the registry itself acted.
    by = " ".join(filter(None, [headers.get("ce_actorkind"), headers.get("ce_actorid")]))
    text = f"{headers['ce_time']} {headers['ce_subject']} {what}, by {by} via {headers['ce_via']}"
    # The line is the effect and the note that it happened, in one write.
    journal.write(json.dumps({"id": headers["ce_id"], "text": text}).encode() + b"\n")
    journal.flush()
    os.fdatasync(journal.fileno())
    seen.add(headers["ce_id"])
    print(text, flush=True)


def main():
    journal, seen = open_journal(JOURNAL)
    consumer = Consumer(
        {
            "bootstrap.servers": os.environ.get("KAFKA_BROKERS", "localhost:9092"),
            "group.id": os.environ.get("KAFKA_GROUP", "example-consumer"),
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe([os.environ.get("KAFKA_TOPIC_PREFIX", "tidemark") + ".repository"])
    try:
        while True:
            message = consumer.poll(1.0)
            if message is None:
                continue
            if message.error():
                print(message.error(), file=sys.stderr)
                continue
            handle(message, journal, seen)
            # Only now, so that nothing is lost when this process ends before.
            consumer.commit(message=message, asynchronous=False)
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()


main()
