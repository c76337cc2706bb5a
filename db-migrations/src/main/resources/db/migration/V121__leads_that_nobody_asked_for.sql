-- When the first whole walk over the CRM's leads ended. Leads that a later walk finds are new, and nobody asked for them. The first walk that ends
-- after an upgrade counts as the first: what it finds may be old.
ALTER TABLE profile_pic.lead_phones_walk ADD COLUMN first_finished_at timestamptz;
COMMENT ON COLUMN profile_pic.lead_phones.message_id IS 'The message that the trigger sent for the lead; 0 when nobody asked for a lead that is new';
