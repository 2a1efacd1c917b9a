/**
 * Trains small models: an optimiser over the weights of one. Studies use it to make models whose mechanism is known.
 */
package dev.kausal.engine.training;
