-- Lets V1 be content with PGMQ's functions where there is no extension: run by Pgmq before V1, in V1's transaction.
--
-- V1 stays as it was released, because databases remember its checksum, and it asks pg_extension. A temporary table is found before a table of
-- the catalog. This one ends with the transaction, and says what V1 wants to know: that a PGMQ is there which is new enough. The script
-- before has seen to that.
DO $alone$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'pgmq') THEN
    CREATE TEMPORARY TABLE pg_extension ON COMMIT DROP AS SELECT 'pgmq'::name AS extname, '1.5.1'::text AS extversion;
  END IF;
END
$alone$;
