/** Where photos are kept: settings that receiver and worker read alike, and the bucket. */
@NullMarked
package dev.profilepic.store;

import org.jspecify.annotations.NullMarked;
