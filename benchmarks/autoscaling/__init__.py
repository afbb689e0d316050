"""How long a burst waits for another replica, and on what.

    python -m benchmarks.autoscaling [--runs 5]

Real: the API server, its controllers, the HPA, KEDA, Prometheus and the ScaledObject of eu-prod's `analysis`, all with the intervals
they are shipped with. Stand-ins: kwok's nodes and an inference simulator per pod, so the last two stages are those of this machine;
on GPUs a node, an image and the weights come in between. Each run begins at a random moment of the intervals.
"""
