"""The Scaleway services a Kapsule environment is made of, one part per file; `modules/clusters/kapsule.py` puts them together."""
