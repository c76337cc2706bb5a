/**
 * Downloads a picture and trusts nothing about it: not the url, not the address behind it, not the
 * size, not the bytes.
 */
@NullMarked
package dev.profilepic.worker.download;

import org.jspecify.annotations.NullMarked;
