"""Ask a server by Triton's client, in the Python that has it: ``triton_client.py HOST:PORT ROWS``.

Prints what the client read of the answer, as JSON. ROWS is a list of objects, JSON too.
"""

from __future__ import annotations

import json
import sys

import numpy as np
import tritonclient.http as triton

KINDS = {"FP64": np.float64, "BYTES": np.object_}


def main(address: str, text: str) -> None:
    """Look at the model, then have it predict."""
    client = triton.InferenceServerClient(address)
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready("toys")
    rows, inputs = json.loads(text), []
    for about in client.get_model_metadata("toys")["inputs"]:
        name, kind = about["name"], about["datatype"]
        tensor = triton.InferInput(name, [len(rows)], kind)
        values = np.array([row[name] for row in rows], dtype=KINDS[kind])
        tensor.set_data_from_numpy(values, binary_data=False)
        inputs.append(tensor)
    answer = client.infer("toys", inputs, request_id="mine")
    predictions, scores = answer.as_numpy("predictions"), answer.as_numpy("scores")
    fields = {"id": answer.get_response()["id"], "predictions": predictions.tolist()}
    print(json.dumps({**fields, "scores": scores.tolist()}))
    try:
        client.infer("toys", inputs[:1])
    except triton.InferenceServerException as error:
        print(json.dumps({"status": error.status(), "message": error.message()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
