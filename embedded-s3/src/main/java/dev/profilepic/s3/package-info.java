/** A real S3 server (s3proxy), as a process of its own. */
@NullMarked
package dev.profilepic.s3;

import org.jspecify.annotations.NullMarked;
