/**
 * The exception that all errors for users extend. It uses no other package.
 */
@NullMarked
package dev.kausal.engine.errors;

import org.jspecify.annotations.NullMarked;
