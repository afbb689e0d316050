"""Stand-ins for everything Prometheus scrapes, driven by one small model of a platform.

| module | what |
|---|---|
| `exposition` | a page of metrics that can only say what its inventory knows, in that program's handwriting |
| `engine` | vLLM: a queue, a batch, KV blocks, preemption |
| `world` | models with their pods, cards, gateway and replicas; what each exporter says about them |
| `faults` | switches: each breaks one thing, and mends it |
| `server` | HTTP, and the list of targets Prometheus reads |

Names, labels, buckets and the text of `le` come from the metric contract (`modules/monitoring/metrics/`).
"""
