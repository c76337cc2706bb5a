/** A real S3 server (s3proxy), in its own process. */
@NullMarked
package dev.profilepic.s3;

import org.jspecify.annotations.NullMarked;
