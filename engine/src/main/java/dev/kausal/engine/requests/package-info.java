/**
 * Questions to a model with its weights, as data: inputs, hook points and numbers in, arrays and numbers out. Callers
 * hold no model, so that another process can answer. It may use the model and all analyses.
 */
package dev.kausal.engine.requests;
