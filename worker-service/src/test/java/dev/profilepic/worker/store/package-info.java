@NullMarked
package dev.profilepic.worker.store;

import org.jspecify.annotations.NullMarked;
