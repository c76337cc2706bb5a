-- Bulk syncs of the leads of which something is known: those of a state, of a reason, or of both.
ALTER TABLE profile_pic.syncs
  ADD COLUMN only_state  text,
  ADD COLUMN only_reason text,
  DROP CONSTRAINT syncs_kind_check,
  ADD CONSTRAINT syncs_kind_check CHECK (kind IN ('list', 'without_photo', 'filtered')),
  ADD CONSTRAINT filters_are_of_filtered_syncs CHECK ((kind = 'filtered') = (num_nonnulls(only_state, only_reason) > 0));
