/**
 * Finds rows of the CRM that contradict the state of their lead, and new leads that no trigger told
 * us of.
 */
@NullMarked
package dev.profilepic.worker.reconcile;

import org.jspecify.annotations.NullMarked;
