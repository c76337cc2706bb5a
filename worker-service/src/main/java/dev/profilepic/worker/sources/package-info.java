/**
 * Who is asked for an instance's pictures: our bridge, or a gateway that the customer runs already.
 * What each gateway answers is mapped here, once, to the bridge's {@code Lookup}.
 */
@NullMarked
package dev.profilepic.worker.sources;

import org.jspecify.annotations.NullMarked;
