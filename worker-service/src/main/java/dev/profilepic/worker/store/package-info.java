/** Photos in a bucket: put before their settle, removed when no lead has them, moved, measured. */
@NullMarked
package dev.profilepic.worker.store;

import org.jspecify.annotations.NullMarked;
