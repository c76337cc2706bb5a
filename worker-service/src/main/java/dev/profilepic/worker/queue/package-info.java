/**
 * The queue engine: leases messages, runs them, settles their results in groups and gives messages
 * back when the worker stops. It knows leases and dispositions, and nothing about pictures.
 */
@NullMarked
package dev.profilepic.worker.queue;

import org.jspecify.annotations.NullMarked;
