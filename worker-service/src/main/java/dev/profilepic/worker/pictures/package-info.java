/**
 * One attempt at one lead's photo: {@link dev.profilepic.worker.pictures.PictureHandler} tries, an
 * {@link dev.profilepic.worker.pictures.Outcome} states the result, and {@link
 * dev.profilepic.worker.pictures.RetryPolicy} maps it to its consequence.
 */
@NullMarked
package dev.profilepic.worker.pictures;

import org.jspecify.annotations.NullMarked;
