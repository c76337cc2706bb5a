-- The database's cost of a plain PGMQ consumer: one batch read, one batch deleted.
SELECT quote_literal(coalesce(array_agg(msg_id), '{}')::text) AS ids FROM pgmq.read('bench_batches', 60, :batch) \gset
SELECT count(*) FROM pgmq.delete('bench_batches', :ids::bigint[]);
