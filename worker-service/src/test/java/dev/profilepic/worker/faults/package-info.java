/**
 * Faults done to the real worker: it runs as processes of the operating system, so that they can be
 * killed and stopped; the database, the network and the bridge fail around it. An append-only
 * {@link dev.profilepic.worker.faults.Ledger} counts what really happened. {@link
 * dev.profilepic.worker.faults.Chaos} mixes all of it for as long as one likes.
 */
@NullMarked
package dev.profilepic.worker.faults;

import org.jspecify.annotations.NullMarked;
