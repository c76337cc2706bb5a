/**
 * {@code bin/doctor}: looks at a set-up from outside and says what is wrong with it, each with its
 * remedy. Runs apart from the worker, with the same settings.
 */
@NullMarked
package dev.profilepic.worker.doctor;

import org.jspecify.annotations.NullMarked;
