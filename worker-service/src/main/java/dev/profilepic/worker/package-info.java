/**
 * The worker. A message's way: {@code queue.Claimer} leases it, {@code pictures.PictureHandler}
 * decides what to do, {@code bridge} and {@code download} ask the outside world, {@code
 * pictures.RetryPolicy} says what follows, {@code queue.Settler} makes it true.
 */
@NullMarked
package dev.profilepic.worker;

import org.jspecify.annotations.NullMarked;
