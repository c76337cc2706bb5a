/**
 * The sources of an instance's pictures: our bridge, or a gateway that the customer runs already.
 * Each gateway's answers are mapped here, and nowhere else, to the bridge's {@code Lookup}.
 */
@NullMarked
package dev.profilepic.worker.sources;

import org.jspecify.annotations.NullMarked;
