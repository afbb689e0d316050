"""Images and charts: what an environment runs, locked by digest, and copied into the registry it runs from.

    list      what the synthesized environment really uses
    lock      the digest of each, asked of a registry, written to environments/<env>.images.lock
    mirror    copies what is locked into the environment's registry

No digest is made up: without a lock nothing is pinned, and an environment with personal data does not deploy (`guard`).
"""
