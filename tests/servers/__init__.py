"""Real servers on loopback for tests: an S3 service (versitygw) and an OCI registry (go-containerregistry's). `make servers` builds
them; a test that finds one missing is skipped and says so."""
