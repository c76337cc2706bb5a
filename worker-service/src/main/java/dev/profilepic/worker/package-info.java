/**
 * The worker. {@code queue.Claimer} leases a message, {@code pictures.PictureHandler} decides what
 * to do, {@code bridge} and {@code download} ask the outside world, {@code pictures.RetryPolicy}
 * maps the outcome to its consequence, and {@code queue.Settler} commits the result.
 */
@NullMarked
package dev.profilepic.worker;

import org.jspecify.annotations.NullMarked;
