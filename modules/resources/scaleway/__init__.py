"""Scaleway resources the blueprint creates: the arguments we use, under the provider's own names (scaleway 2.81.0)."""

SOURCE = "scaleway/scaleway"
VERSION = "2.81.0"
