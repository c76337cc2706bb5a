/** Keys for single instances reach no further than these. */
@NullMarked
package dev.profilepic.receiver.tenants;

import org.jspecify.annotations.NullMarked;
