"""Takes the vault's work to Spark.

Spark SQL scans the tables, drops rows that no extract wants, keeps those of
the people asked for, and brings each person's rows together. Every partition
then goes through one process of `sluss-engine cluster kernel`, which knows what
the rows mean. Nothing here does, and nothing here knows who anybody is: people
are numbers of the snapshot.

Orders come one a line on standard input, `WORK<tab>TABLES`: the folder of the
work (people.parquet, order.json and a task file per table) and the folder of
the tables (sluss-engine cluster export). Answers go to standard output, one a
line: `progress DONE TOTAL` (partitions), then `done`, or `failed CODE`. The
results lie in WORK/out/TABLE/extract=N. The end of standard input ends it.

Where Spark is and how much of it may be used stands in spark-defaults.conf, in
the folder SPARK_CONF_DIR. Start this with Python itself: spark-submit would
keep standard input.
"""

import json
import os
import queue
import re
import subprocess
import sys
import tempfile
import threading

import pyarrow as pa
from pyspark import SparkFiles
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

BROADCAST_PEOPLE = 2_000_000  # more than so many are joined by a shuffle
RECORDS = "extract int, first bigint, payload binary"


def through_kernel(binary, task):
    """The function that takes one partition through a kernel. The task travels
    with it: a file added to Spark would have to outlive the order, because an
    executor that starts later fetches all that were ever added."""

    def run(batches):
        first = next(batches, None)
        if first is None:
            return
        with tempfile.NamedTemporaryFile(suffix=".json") as file:
            file.write(task)
            file.flush()
            yield from piped(SparkFiles.get(binary), file.name, first, batches)

    def piped(program, file, first, batches):
        kernel = subprocess.Popen([program, "cluster", "kernel", file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        failure, said = [], []

        def feed():
            try:
                with kernel.stdin, pa.ipc.new_stream(kernel.stdin, first.schema) as pipe:
                    pipe.write_batch(first)
                    for batch in batches:
                        pipe.write_batch(batch)
            except Exception as e:  # told below, unless the kernel's own end explains it
                failure.append(e)
                kernel.kill()  # what it has read is not whole: it must not answer

        feeder = threading.Thread(target=feed, daemon=True)
        listener = threading.Thread(target=lambda: said.append(kernel.stderr.read()), daemon=True)
        feeder.start()
        listener.start()
        try:
            try:
                with pa.ipc.open_stream(kernel.stdout) as records:
                    yield from records
            except pa.ArrowInvalid:
                pass  # it ended before its time: its exit code says why
            feeder.join()
            listener.join()
            code = kernel.wait()
            if code != 0:
                words = b"".join(said).decode().split(":")  # sluss-engine: CODE: text
                known = next((w.strip() for w in words if re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", w.strip())), "cluster.kernel")
                raise RuntimeError(f"sluss-fault={known} exit={code}")
            if failure:
                raise RuntimeError("sluss-fault=cluster.feed") from failure[0]
        finally:
            if kernel.poll() is None:  # the task was cancelled
                kernel.kill()
            kernel.wait()

    return run


def extract(spark, work, tables, order, entry):
    """Carries out the work on one table."""
    task = json.load(open(f"{work}/{entry['task']}"))
    columns = [c["variable"] for c in task["table"]["columns"]]
    people = spark.read.parquet(f"{work}/people.parquet")
    rows = spark.read.parquet(f"{tables}/{task['table']['id']}").select("_person", *columns)
    for f in task["filters"] or []:
        wanted = F.col(f["variable"]).isin(f["texts"])
        rows = rows.where(wanted | F.col(f["variable"]).isNull() if f["missing"] else wanted)
    wanted = people.select("_person")
    if order["people"] <= BROADCAST_PEOPLE:
        wanted = F.broadcast(wanted)
    rows = rows.join(wanted, "_person", "left_semi")
    with open(f"{work}/{entry['task']}", "rb") as file:
        travelling = file.read()
    (people.unionByName(rows, allowMissingColumns=True)
        .repartition(task["partitions"], "_person")
        .mapInArrow(through_kernel("sluss-engine", travelling), RECORDS)
        .sortWithinPartitions("extract", "first")
        .write.partitionBy("extract").parquet(f"{work}/out/{task['table']['id']}"))


def tell(*words):
    print(*words, flush=True)


def watch(spark, group, ended):
    """Tells how many partitions are done, until the work has ended."""
    seen = None
    tracker = spark.sparkContext.statusTracker()
    while not ended.wait(0.2):
        stages = [tracker.getStageInfo(s) for j in tracker.getJobIdsForGroup(group)
                  for s in (tracker.getJobInfo(j).stageIds if tracker.getJobInfo(j) else [])]
        now = (sum(s.numCompletedTasks for s in stages if s), sum(s.numTasks for s in stages if s))
        if now != seen and now[1]:
            seen = now
            tell("progress", *now)


def carry_out(spark, work, tables, number):
    order = json.load(open(f"{work}/order.json"))
    group, ended = f"order-{number}", threading.Event()
    spark.sparkContext.setJobGroup(group, "sluss")
    watcher = threading.Thread(target=watch, args=(spark, group, ended), daemon=True)
    watcher.start()
    try:
        for entry in order["tasks"]:
            extract(spark, work, tables, order, entry)
        answer = ["done"]
    except Exception as e:
        known = re.search(r"sluss-fault=([a-z_.]+)", str(e))
        answer = ["failed", known.group(1) if known else "cluster.spark"]
        print(type(e).__name__, known.group(0) if known else str(e)[:2000], file=sys.stderr)
    ended.set()
    watcher.join()
    tell(*answer)


def orders():
    """The lines of standard input. Its end ends the program, also in the middle
    of an order: the vault that wanted the answer is gone."""
    waiting = queue.Queue()

    def listen():
        for line in sys.stdin:
            waiting.put(line)
        os._exit(0)  # Spark's driver ends with us, and its executors with it

    threading.Thread(target=listen, daemon=True).start()
    while True:
        yield waiting.get()


def main(binary):
    spark = (SparkSession.builder.appName("sluss")
             .config("spark.sql.execution.arrow.maxRecordsPerBatch", 50_000)
             .config("spark.sql.shuffle.partitions", 8)
             .config("spark.sql.parquet.compression.codec", "zstd")
             .config("spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version", 1)
             .getOrCreate())
    spark.sparkContext.setLogLevel("ERROR")
    spark.sparkContext.addFile(binary)
    tell("ready", spark.version)
    for number, line in enumerate(orders()):
        work, tables = line.rstrip("\n").split("\t")
        carry_out(spark, work, tables, number)


if __name__ == "__main__":
    main(sys.argv[1])
