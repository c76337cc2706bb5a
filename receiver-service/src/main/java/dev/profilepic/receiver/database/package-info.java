/** Access to the database, and how long a call waits for it before the answer is 503. */
@NullMarked
package dev.profilepic.receiver.database;

import org.jspecify.annotations.NullMarked;
