/**
 * PostgreSQL with the real PGMQ extension, without an installation. Local mode runs it as a
 * process; tests use it through {@link TestDatabase}. The package also has a collector of traces
 * for tests of both services.
 */
@NullMarked
package dev.profilepic.embedded;

import org.jspecify.annotations.NullMarked;
