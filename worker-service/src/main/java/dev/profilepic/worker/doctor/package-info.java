/**
 * {@code bin/doctor}: looks at a set-up from outside and reports each problem with its remedy. It
 * runs apart from the worker, with the same settings.
 */
@NullMarked
package dev.profilepic.worker.doctor;

import org.jspecify.annotations.NullMarked;
