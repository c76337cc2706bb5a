/** HTTP with other servers: how long an exchange may take, and which addresses it may reach. */
@NullMarked
package dev.profilepic.worker.exchanges;

import org.jspecify.annotations.NullMarked;
