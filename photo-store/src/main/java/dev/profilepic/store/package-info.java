/** The store of photos: the bucket, and the settings that receiver and worker share. */
@NullMarked
package dev.profilepic.store;

import org.jspecify.annotations.NullMarked;
