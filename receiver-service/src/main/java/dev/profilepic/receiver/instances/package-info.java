/** The WhatsApp numbers: their pace, pauses and results. */
@NullMarked
package dev.profilepic.receiver.instances;

import org.jspecify.annotations.NullMarked;
