-- The newest msg_id that is known to have been given out (R__03, keep_message_ids).
ALTER TABLE profile_pic.settings ADD COLUMN newest_message_id bigint NOT NULL DEFAULT 0;
