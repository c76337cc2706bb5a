/** What every endpoint shares: bounded bodies, problem answers, trace ids. */
@NullMarked
package dev.profilepic.receiver.http;

import org.jspecify.annotations.NullMarked;
