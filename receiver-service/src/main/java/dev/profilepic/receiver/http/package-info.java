/** The parts that all endpoints share: bounded bodies, problem answers, trace ids. */
@NullMarked
package dev.profilepic.receiver.http;

import org.jspecify.annotations.NullMarked;
