/** Tests that keys for single instances reach only these instances. */
@NullMarked
package dev.profilepic.receiver.tenants;

import org.jspecify.annotations.NullMarked;
