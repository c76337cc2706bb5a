/**
 * The web console: pages over the data and actions of the other features. It adds no rules to them.
 */
@NullMarked
package dev.profilepic.receiver.console;

import org.jspecify.annotations.NullMarked;
