/**
 * The web console: pages over the data and actions of the other features. It has no rules of its
 * own.
 */
@NullMarked
package dev.profilepic.receiver.console;

import org.jspecify.annotations.NullMarked;
