package dev.kausal.engine.training;

import dev.kausal.engine.graph.Port;
import java.util.List;

/**
 * An interchange intervention within a batch (Geiger et al. 2021): in the pass of one input, some units have the values
 * that they have in the pass of another one.
 *
 * @param base number of the input whose pass is changed
 * @param source number of the input whose values are put in place, at the same positions
 * @param ports the units, at all positions: what components write or read
 */
public record Interchange(int base, int source, List<Port> ports) {
    public Interchange {
        ports = List.copyOf(ports);
    }
}
