"""Pure Python half of the blueprint: environments, catalogue, sizing and review; it knows neither Terraform nor Node."""

__version__ = "0.1.0"
