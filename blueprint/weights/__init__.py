"""`blueprint weights push`: a folder of weights into the environment's object store, where its pods look for them.

destination   where that is, read from the synthesized environment
folder        the files, their checksums, and SHA256SUMS
s3            upload to S3-compatible storage: in parts, resumable, verified
azure         upload to Azure storage through rclone
"""
