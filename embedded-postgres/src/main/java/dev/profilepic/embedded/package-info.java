/**
 * PostgreSQL with the real PGMQ extension where none is installed: local mode as a process, tests
 * through {@link TestDatabase}.
 */
@NullMarked
package dev.profilepic.embedded;

import org.jspecify.annotations.NullMarked;
