/**
 * The exception that all errors for users extend. It uses no other package.
 */
package dev.kausal.engine.errors;
