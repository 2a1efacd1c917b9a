package dev.kausal.engine.graph;

/**
 * The path from one component's output to another's input.
 *
 * @param from the writing component
 * @param to the reading component, in a later layer or, if a block's MLP reads its attention, in the same one
 * @param at where it reads: one of its {@link Component#readers}
 */
public record Edge(Component from, Component to, Port at) {
    @Override
    public String toString() {
        return from.label() + " -> " + to.label() + " " + at.kind().name().toLowerCase(java.util.Locale.ROOT);
    }
}
