/**
 * Hostile requests and messages, made from a seed. Tests use the generators; {@link
 * dev.profilepic.fuzz.Fuzz} sends them to running services.
 */
@NullMarked
package dev.profilepic.fuzz;

import org.jspecify.annotations.NullMarked;
