"""How well sizing agrees with real vLLM servers, beside what other open tools would have said.

    python -m benchmarks.sizing [--rows FILE] [--oracle FILE] [--format text|json]

`--rows` is a CSV of start-up logs with the columns of `vllm_kv_logs.csv` here; shape columns (layers, kv_heads, head_dim, vocab)
are filled for models of plain attention. Each row is asked three things, as far as it says enough:

  tokens    from the logged free memory: how many tokens will vLLM print? (plain attention)
  pool      from card, flags, weights and model: how much KV cache is left? The same weights for every estimator.
  verdict   would the server have been told to start? A "fits" for one that did not start is the worst mistake.

`--oracle` is a JSON of layouts computed by vLLM's own v1/core/kv_cache_utils.py on a CPU; every integer must be equal. A layout is of a
model of the catalogue, or of the part of a config.json that stands in it.
Without either, both samples here are scored; `vllm_kv_logs_later.csv` holds rows not used for building (README.md here).
"""
