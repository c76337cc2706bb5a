-- When the CRM emptied its table as a whole: leads that are missing since are no surprise (R__01, leads_are_visible).
ALTER TABLE profile_pic.lead_phones_walk ADD COLUMN truncated_at timestamptz;
