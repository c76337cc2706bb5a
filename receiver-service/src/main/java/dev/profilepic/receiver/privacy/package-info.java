/** The rights of people whose data is stored: to be forgotten, and to see their data. */
@NullMarked
package dev.profilepic.receiver.privacy;

import org.jspecify.annotations.NullMarked;
