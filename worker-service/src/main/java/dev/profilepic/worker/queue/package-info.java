/**
 * The queue engine: leases messages, runs them, settles their results in groups and gives them back
 * when the worker stops. It knows leases and dispositions, and nothing of pictures.
 */
@NullMarked
package dev.profilepic.worker.queue;

import org.jspecify.annotations.NullMarked;
