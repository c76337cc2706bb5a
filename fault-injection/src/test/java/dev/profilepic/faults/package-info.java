/**
 * Faults done to the real worker. The worker runs as processes of the operating system, so that
 * tests can kill and stop it. The database, the network and the bridge fail around it. An
 * append-only {@link dev.profilepic.faults.Ledger} counts the real events. {@link
 * dev.profilepic.faults.Chaos} mixes all faults for a chosen time.
 */
@NullMarked
package dev.profilepic.faults;

import org.jspecify.annotations.NullMarked;
