/**
 * What receiver and worker must read alike: the queue message, phone numbers, picture urls, links
 * to avatars.
 */
@NullMarked
package dev.profilepic.contract;

import org.jspecify.annotations.NullMarked;
