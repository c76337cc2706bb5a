/**
 * What receiver and worker must do alike: the queue message, phone numbers, picture urls, links to
 * avatars, and how rows reach the database's functions.
 */
@NullMarked
package dev.profilepic.contract;

import org.jspecify.annotations.NullMarked;
