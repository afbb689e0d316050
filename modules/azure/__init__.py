"""The Azure services an AKS environment is made of, one part per file; `modules/clusters/aks.py` puts them together."""
