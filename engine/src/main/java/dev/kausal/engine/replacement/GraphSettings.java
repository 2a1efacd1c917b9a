package dev.kausal.engine.replacement;

/**
 * The size of an attribution graph.
 *
 * @param maxLogits most tokens that are logit nodes
 * @param probability logit nodes are the fewest tokens with this probability together
 * @param maxFeatures most features that are nodes
 * @param step features that are added before influences are computed again
 * @param skip first positions whose features and errors are left out
 */
public record GraphSettings(int maxLogits, double probability, int maxFeatures, int step, int skip) {}
