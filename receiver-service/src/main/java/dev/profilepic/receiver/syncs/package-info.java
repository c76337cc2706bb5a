/** Bulk syncs: started, watched and steered here, fed into the queue by the workers. */
@NullMarked
package dev.profilepic.receiver.syncs;

import org.jspecify.annotations.NullMarked;
