/** Shares a worker's knowledge of the WhatsApp instances with other workers and with operators. */
@NullMarked
package dev.profilepic.worker.instances;

import org.jspecify.annotations.NullMarked;
