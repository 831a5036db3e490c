-- The re-send job must not send the same order in each of its runs.
ALTER TABLE orders ADD COLUMN last_sent_at timestamp with time zone;
