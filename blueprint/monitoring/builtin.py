"""What every expression knows of its environment without declaring it, such as `$cluster`; and of its model, below `each: model`."""

from datetime import date

from blueprint.environment import Environment
from blueprint.monitoring import clock
from blueprint.sizing import size_deployment

# Where the models run; the modules' tests hold it against the cluster's.
NAMESPACE = "inference"


def of_environment(env: Environment) -> dict[str, str]:
    """`$cluster`, and business hours as figures."""
    return {"cluster": env.name, **clock.figures(env.monitoring.business_hours, date.today().year)}


def of_model(env: Environment, name: str) -> dict[str, str]:
    """`$model`, its bounds, and what sizing says of one replica."""
    wish, sizing = env.models[name], size_deployment(env, name)
    return {
        "model": name,
        "namespace": NAMESPACE,
        "priority": wish.priority,
        "min_replicas": str(wish.replicas.min),
        "max_replicas": str(wish.replicas.max),
        "max_num_seqs": str(sizing.flags["max_num_seqs"]),
        "startup_seconds": str(sizing.startup_seconds),
        "gpus": str(sizing.flags["tensor_parallel_size"]),
    }
