/**
 * People who asked to be forgotten: nothing is fetched for them, and the bridge must forget them.
 */
@NullMarked
package dev.profilepic.worker.erasures;

import org.jspecify.annotations.NullMarked;
