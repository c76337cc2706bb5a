-- Notifications name a contact by its canonical jid or by its LID only, which may differ from the phone asked for.
CREATE INDEX contacts_jid ON bridge.contacts (jid);
CREATE INDEX contacts_lid ON bridge.contacts (lid) WHERE lid IS NOT NULL;
