/**
 * Delivers events to others: as signed webhooks, and as photos for the contacts of another system.
 */
@NullMarked
package dev.profilepic.worker.deliveries;

import org.jspecify.annotations.NullMarked;
