package dev.profilepic.worker.sources;

import dev.profilepic.contract.PhoneNumber;
import org.jspecify.annotations.Nullable;

/**
 * Whose picture is asked for.
 *
 * @param instanceId the WhatsApp number to ask through, by our name
 * @param knownId WhatsApp's id of the picture that we have, so that the same one need not be told
 *     again; null to be told in any case
 */
public record Question(String instanceId, PhoneNumber phone, @Nullable String knownId) {}
