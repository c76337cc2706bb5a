/**
 * The description of this API: the document everywhere, and in local mode a page to try the calls.
 */
@NullMarked
package dev.profilepic.receiver.docs;

import org.jspecify.annotations.NullMarked;
