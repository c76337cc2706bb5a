/** Access to the database, with limits on the wait for it, after which the answer is 503. */
@NullMarked
package dev.profilepic.receiver.database;

import org.jspecify.annotations.NullMarked;
