/**
 * Faults done to the real worker: it runs as processes of the operating system, so that they can be
 * killed and stopped; the database, the network and the bridge fail around it. An append-only
 * {@link dev.profilepic.faults.Ledger} counts what really happened. {@link
 * dev.profilepic.faults.Chaos} mixes all of it for as long as one likes.
 */
@NullMarked
package dev.profilepic.faults;

import org.jspecify.annotations.NullMarked;
