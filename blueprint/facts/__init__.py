"""What is there to be judged: one picture of synthesized stacks, plans, manifests and the pipeline (decision 17)."""

from blueprint.facts.model import Declaration, Facts, Found, Resource, Sensitive, Unknown, leaves, remembered

__all__ = ["Declaration", "Facts", "Found", "Resource", "Sensitive", "Unknown", "leaves", "remembered"]
