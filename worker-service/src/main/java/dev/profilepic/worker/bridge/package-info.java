/** Asks the Baileys bridge over HTTP what a contact's picture is, and which instances are open. */
@NullMarked
package dev.profilepic.worker.bridge;

import org.jspecify.annotations.NullMarked;
