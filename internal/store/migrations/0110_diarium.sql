DELETE FROM digests;
