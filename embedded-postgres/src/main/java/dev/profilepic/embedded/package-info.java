/**
 * PostgreSQL with the real PGMQ extension where none is installed: local mode as a process, tests
 * through {@link TestDatabase}. Beside it, a collector of traces for tests of both services.
 */
@NullMarked
package dev.profilepic.embedded;

import org.jspecify.annotations.NullMarked;
