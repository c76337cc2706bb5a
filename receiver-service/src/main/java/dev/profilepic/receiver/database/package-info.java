/** How long a request waits for the database before it is told to come back later. */
@NullMarked
package dev.profilepic.receiver.database;

import org.jspecify.annotations.NullMarked;
