package dev.profilepic.receiver.webhooks;

import dev.profilepic.contract.PhoneNumber;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A person who wrote to us, or changed their picture, as a webhook tells it.
 *
 * @param leadId when the sender knows it
 * @param phone when any field carries it
 * @param lid when WhatsApp shows them under one
 * @param instanceId the WhatsApp number that saw them
 * @param pictureUrl a link that came along, unchecked
 * @param pictureChanged whether their picture is known to be another one, or gone
 */
record Sighting(
    @Nullable String leadId,
    @Nullable PhoneNumber phone,
    @Nullable String lid,
    @Nullable String instanceId,
    @Nullable String pictureUrl,
    boolean pictureChanged,
    Instant at) {}
