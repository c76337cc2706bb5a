/**
 * Finds rows of the CRM that contradict the state of their lead, and new leads that no trigger
 * reported.
 */
@NullMarked
package dev.profilepic.worker.reconcile;

import org.jspecify.annotations.NullMarked;
