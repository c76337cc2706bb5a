package dev.profilepic.worker.queue;

/**
 * The token that proves that a message is ours. PGMQ's delete and set_vt know no owner, so every
 * step after a claim compares both parts (fencing).
 *
 * @param messageId PGMQ's msg_id
 * @param readCount PGMQ's read_ct as the claim left it
 */
public record Lease(long messageId, int readCount) {}
