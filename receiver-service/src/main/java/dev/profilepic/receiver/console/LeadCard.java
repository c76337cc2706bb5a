package dev.profilepic.receiver.console;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A lead in a list.
 *
 * @param name as the CRM has it; null when the CRM has no name
 * @param phone as the CRM writes it
 * @param face a link to the photo; null when there is no photo
 * @param queued whether a request for the lead waits or is being worked
 */
record LeadCard(
    String leadId,
    @Nullable String name,
    @Nullable String phone,
    @Nullable String instanceId,
    String state,
    @Nullable String reason,
    @Nullable String face,
    @Nullable Instant checkedAt,
    @Nullable Instant nextCheckAt,
    boolean queued) {}
