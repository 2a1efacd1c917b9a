/** Sparse dictionaries: autoencoders and transcoders, with the files that they come in. */
@org.jspecify.annotations.NullMarked
package dev.kausal.engine.features;
