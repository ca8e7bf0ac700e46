"""Golden event file of Tests/TrainingTests/Metrics, written with TensorBoard's own protocol buffers and record writer, and
read back by its EventAccumulator.

Run: python Tests/Reference/tensorboard_reference.py      (tensorboard 2.21.0)
"""

import json
import pathlib
import tempfile

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

OUT = pathlib.Path(__file__).resolve().parent.parent / "Fixtures" / "tensorboard"
TIME = 1_700_000_000.25


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    events = [event_pb2.Event(wall_time=TIME, file_version="brain.Event:2"),
              event_pb2.Event(wall_time=TIME, step=101, session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START))]
    for step, scalars in [(101, [("lm loss", 3.25), ("learning-rate", 3e-4)]), (300, [("lm loss", float("nan"))]),
                          (70_000_000_000, [("grad-norm", -0.5), ("ü" * 80, 1e30)])]:
        values = [summary_pb2.Summary.Value(tag=t, simple_value=v) for t, v in scalars]
        events.append(event_pb2.Event(wall_time=TIME + step / 2, step=step, summary=summary_pb2.Summary(value=values)))
    with open(OUT / "golden.tfevents", "wb") as f:
        writer = RecordWriter(f)
        for event in events:
            writer.write(event.SerializeToString())
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "events.out.tfevents.1700000000.moonlight.1").write_bytes((OUT / "golden.tfevents").read_bytes())
        accumulator = EventAccumulator(folder)
        accumulator.Reload()
        read = {tag: [[e.step, str(e.value)] for e in accumulator.Scalars(tag)] for tag in accumulator.Tags()["scalars"]}
    assert set(read) == {"lm loss", "learning-rate", "grad-norm", "ü" * 80}, read
    assert [s for s, _ in read["lm loss"]] == [101, 300], read
    print(json.dumps(read, ensure_ascii=False)[:200])


if __name__ == "__main__":
    main()
