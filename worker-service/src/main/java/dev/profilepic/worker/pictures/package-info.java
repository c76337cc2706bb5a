/**
 * One attempt at one lead's photo: {@link dev.profilepic.worker.pictures.PictureHandler} tries, an
 * {@link dev.profilepic.worker.pictures.Outcome} says what happened, {@link
 * dev.profilepic.worker.pictures.RetryPolicy} what follows.
 */
@NullMarked
package dev.profilepic.worker.pictures;

import org.jspecify.annotations.NullMarked;
