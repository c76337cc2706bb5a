/** HTTP with servers of others: how long an exchange may take, and whom it may reach. */
@NullMarked
package dev.profilepic.worker.exchanges;

import org.jspecify.annotations.NullMarked;
