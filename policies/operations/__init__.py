"""Rules on how changes are made: state, files, pipeline."""
