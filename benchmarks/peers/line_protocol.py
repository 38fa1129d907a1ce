"""The line protocol of a peer: `ready` first; then `CASE N` on standard input is answered by `ok ns ns ...` (N times) or `err why`."""
import gc
import signal
import sys
import time

WARM_UPS_AT_FIRST = 3
WARM_UPS_BEFORE_EACH = 2


def serve(make):
    """Serves until `quit` or the end of input.  make(case) gives a callable that does the job once; it checks itself first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for whoever started us; they say quit
    made = {}
    print("ready", flush=True)
    for line in sys.stdin:
        words = line.split()
        if not words:
            continue
        if words[0] == "quit":
            break
        try:
            print("ok " + " ".join(map(str, measure(made, make, words[0], int(words[1])))), flush=True)
        except Exception as e:  # the reason is the answer: one case that fails must not take the others with it
            print("err " + repr(e).replace("\n", " ")[:300], flush=True)


def measure(made, make, case, count):
    """Nanoseconds of count calls."""
    if case not in made:
        made[case] = make(case)
        for _ in range(WARM_UPS_AT_FIRST):
            made[case]()
    job, clock, times = made[case], time.perf_counter_ns, []
    gc.disable()
    for _ in range(WARM_UPS_BEFORE_EACH):
        job()
    for _ in range(count):
        start = clock()
        job()
        times.append(clock() - start)
    gc.enable()
    return times
