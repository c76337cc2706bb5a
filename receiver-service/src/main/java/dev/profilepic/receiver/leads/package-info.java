/** What is known of one lead's photo. */
@NullMarked
package dev.profilepic.receiver.leads;

import org.jspecify.annotations.NullMarked;
