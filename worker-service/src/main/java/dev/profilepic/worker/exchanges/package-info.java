/** How long an exchange with another server may take. */
@NullMarked
package dev.profilepic.worker.exchanges;

import org.jspecify.annotations.NullMarked;
