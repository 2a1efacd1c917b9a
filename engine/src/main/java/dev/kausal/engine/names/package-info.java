/**
 * Finds names similar to one that does not exist, for messages. It uses no other package.
 */
package dev.kausal.engine.names;
