/** Asks the Baileys bridge over HTTP for contacts' pictures, and for open instances. */
@NullMarked
package dev.profilepic.worker.bridge;

import org.jspecify.annotations.NullMarked;
