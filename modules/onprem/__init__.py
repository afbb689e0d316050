"""What may be laid over a cluster on one's own machines."""
