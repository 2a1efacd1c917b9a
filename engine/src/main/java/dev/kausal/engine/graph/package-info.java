/**
 * The components that write to the residual stream, and the ports at which they read and write it, as types. It uses configs and
 * hook points only.
 */
package dev.kausal.engine.graph;
