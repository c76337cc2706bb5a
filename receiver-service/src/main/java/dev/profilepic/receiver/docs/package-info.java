/** The description of this API: the document everywhere, a page to try it on in local mode. */
@NullMarked
package dev.profilepic.receiver.docs;

import org.jspecify.annotations.NullMarked;
