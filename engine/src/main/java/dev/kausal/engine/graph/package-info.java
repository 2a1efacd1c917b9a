/**
 * The components that write to the residual stream, and the ports at which they read and write it. It uses configs and
 * hook points only.
 */
@NullMarked
package dev.kausal.engine.graph;

import org.jspecify.annotations.NullMarked;
