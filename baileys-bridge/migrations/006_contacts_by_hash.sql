-- Notifications about people who are in no chat with us name them by a hash of their number only.
ALTER TABLE bridge.contacts ADD COLUMN hash text;
UPDATE bridge.contacts
SET hash = encode(substring(decode(md5(split_part(jid, '@', 1) || 'WA_ADD_NOTIF'), 'hex') FROM 1 FOR 3), 'base64');
CREATE INDEX contacts_hash ON bridge.contacts (hash);
