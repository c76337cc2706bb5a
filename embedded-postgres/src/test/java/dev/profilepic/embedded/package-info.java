/** Tests of the databases that all other tests use. */
@NullMarked
package dev.profilepic.embedded;

import org.jspecify.annotations.NullMarked;
