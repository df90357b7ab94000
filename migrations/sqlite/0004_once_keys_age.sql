-- Keys of things done at most once carry their time, so that old ones can be dropped; so can jobs that were done long ago.
ALTER TABLE once_keys ADD COLUMN at_us INTEGER;
CREATE INDEX once_keys_at ON once_keys (at_us) WHERE at_us IS NOT NULL;
CREATE INDEX jobs_done ON jobs (run_at_us) WHERE state = 'done';
