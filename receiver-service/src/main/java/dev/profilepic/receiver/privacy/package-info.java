/** What people may ask for who are in the database: to be forgotten, and to see what is held. */
@NullMarked
package dev.profilepic.receiver.privacy;

import org.jspecify.annotations.NullMarked;
