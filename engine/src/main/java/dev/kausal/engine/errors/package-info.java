/**
 * The base class of all errors for users. It uses no other package.
 */
@NullMarked
package dev.kausal.engine.errors;

import org.jspecify.annotations.NullMarked;
