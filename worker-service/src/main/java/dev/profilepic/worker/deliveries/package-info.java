/** Tells others what happened: signed webhooks, and photos for the contacts of another system. */
@NullMarked
package dev.profilepic.worker.deliveries;

import org.jspecify.annotations.NullMarked;
