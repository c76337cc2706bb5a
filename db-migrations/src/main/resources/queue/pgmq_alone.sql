-- Lets V1 accept PGMQ's functions where there is no extension. Pgmq runs this before V1, in V1's transaction.
--
-- V1 stays as it was released, because databases remember its checksum, and it reads pg_extension. A temporary table is found before a table
-- of the catalog. This temporary table ends with the transaction. It tells V1 that PGMQ is there and new enough, which the script before this
-- one has checked.
DO $alone$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'pgmq') THEN
    CREATE TEMPORARY TABLE pg_extension ON COMMIT DROP AS SELECT 'pgmq'::name AS extname, '1.5.1'::text AS extversion;
  END IF;
END
$alone$;
