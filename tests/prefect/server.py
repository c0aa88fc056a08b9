"""Serves the API of the Prefect at hand on a free port of the loopback, which it prints.

It ends when its standard input does, so it never outlives who started it.
"""

import os
import socket
import sys
import threading

import uvicorn

app = sys.argv[1]
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(128)


def end_with_input():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_input, daemon=True).start()
# Whoever connects from here on waits until the server is up.
print(listener.getsockname()[1], flush=True)
config = uvicorn.Config(app, factory=True, log_level="warning", timeout_keep_alive=120)
uvicorn.Server(config).run(sockets=[listener])
