/**
 * The Baileys bridge, asked over HTTP: what is this contact's picture, and which instances are
 * open.
 */
@NullMarked
package dev.profilepic.worker.bridge;

import org.jspecify.annotations.NullMarked;
