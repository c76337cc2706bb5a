/** Support for tests: a running receiver over a real database, and a plain HTTP client. */
@NullMarked
package dev.profilepic.receiver.support;

import org.jspecify.annotations.NullMarked;
