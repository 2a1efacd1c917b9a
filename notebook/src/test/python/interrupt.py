"""Interrupts a cell that runs an experiment, then runs others: interrupt.py FOLDER LIBRARY OUT.

Writes the outputs of each cell to the JSON file OUT.
"""

import json
import sys
import time

from jupyter_client.manager import start_new_kernel

EXPERIMENT = """
val %s = experiment("%s") {
    val lm = model<CausalLm>("embedded:facts")
    withoutInference()
    val pair = contrasts {
        repeat(40) {
            contrast("The [Eiffel Tower] is located in the city of", " Paris", "The [Colosseum] is located in the city of", " Rome", label = "$it")
        }
    }
    %s
}.run(figures = false)
"""
LONG = """val slow by sweep(pair, logitDifference) {
        each(layers, values(0..255)) { layer, neuron -> ablate(lm.blocks[layer.index].mlp.post.neuron(neuron)) }
    }"""
SHORT = """val quick by sweep(pair, logitDifference) { each(heads) { head -> ablate(head) } }"""


def texts(client, request, until=None, limit=120):
    """Returns the outputs of a request, as text; ends early if until() holds for them."""
    found, end = [], time.time() + limit
    while time.time() < end:
        message = client.get_iopub_msg(timeout=limit)
        # The kernel answers an interrupt with what it shows meanwhile; front ends go by the output's own id.
        own = message["parent_header"].get("msg_id") == request
        if not own and message["msg_type"] != "update_display_data":
            continue
        content = message["content"]
        if message["msg_type"] == "status" and content["execution_state"] == "idle":
            return found
        if message["msg_type"] in ("display_data", "update_display_data", "execute_result"):
            data = content["data"]
            found.append(data.get("text/html") or data.get("text/plain"))
        elif message["msg_type"] == "error":
            found.append("ERROR " + content["ename"] + ": " + content["evalue"])
        if until and until(found):
            return found
    raise SystemExit("nothing for %s s: %s" % (limit, found))


def running(found):
    """Returns whether the last output shows the progress of a sweep."""
    return bool(found) and "slow: slow (" in found[-1]


def main(folder, library, out):
    manager, client = start_new_kernel(kernel_name="kotlin", cwd=folder, startup_timeout=120)
    try:
        texts(client, client.execute(f"%use @file[{library}]"))
        first = texts(client, client.execute(EXPERIMENT % ("a", "first", SHORT)))
        request = client.execute(EXPERIMENT % ("b", "slow", LONG))
        begin = texts(client, request, until=running)
        if not running(begin):
            raise SystemExit("ended too early: %s" % begin)
        begun = time.time()
        manager.interrupt_kernel()
        stopped = texts(client, request)
        seconds = time.time() - begun
        # The kernel stops a thread again 100 ms after an interrupt, whatever it runs by then.
        time.sleep(2)
        later = texts(client, client.execute(EXPERIMENT % ("c", "later", SHORT)))
        opened = texts(client, client.execute("modelsOpened"))
        with open(out, "w") as file:
            json.dump({"first": first, "stopped": stopped, "seconds": seconds, "later": later, "opened": opened}, file)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=False)


main(*sys.argv[1:])
