package dev.profilepic.worker.sources;

import dev.profilepic.contract.PhoneNumber;
import org.jspecify.annotations.Nullable;

/**
 * A question for a person's picture.
 *
 * @param instanceId the WhatsApp number to ask through, by our name
 * @param knownId WhatsApp's id of the picture that we have, so that the source need not send the
 *     same picture again; null to get the picture in any case
 */
public record Question(String instanceId, PhoneNumber phone, @Nullable String knownId) {}
