/** Webhook endpoints, which learn of changes to photos. The workers send the events. */
@NullMarked
package dev.profilepic.receiver.endpoints;

import org.jspecify.annotations.NullMarked;
