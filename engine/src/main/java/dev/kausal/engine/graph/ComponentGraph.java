package dev.kausal.engine.graph;

import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.hooks.HookPoints;
import java.util.ArrayList;
import java.util.List;

/** The components of a model that have hook points, in the order in which they write, and the edges between them. */
public final class ComponentGraph {
    private final ModelConfig config;
    private final List<Component> components = new ArrayList<>();

    /** Creates the graph of a model with these choices. */
    public ComponentGraph(ModelConfig config) {
        this.config = config;
        HookPoints points = HookPoints.of(config);
        add(points, new Component.Embed());
        add(points, new Component.PosEmbed());
        for (int layer = 0; layer < config.layers(); layer++) {
            for (int head = 0; head < config.heads(); head++) {
                add(points, new Component.Head(layer, head));
            }
            add(points, new Component.Mlp(layer));
        }
    }

    private void add(HookPoints points, Component component) {
        if (component.writer().filter(port -> points.has(port.site())).isPresent()) {
            components.add(component);
        }
    }

    /** Returns the components in the order in which they write; heads of one layer by number. */
    public List<Component> components() {
        return List.copyOf(components);
    }

    /** Returns every edge between components, ordered by reader. */
    public List<Edge> edges() {
        List<Edge> edges = new ArrayList<>();
        for (Component to : components) {
            for (Port at : to.readers(config)) {
                components.stream().filter(from -> reads(to, from)).forEach(from -> edges.add(new Edge(from, to, at)));
            }
        }
        return edges;
    }

    /** Returns whether the output of {@code from} is in the stream that {@code to} reads. */
    private boolean reads(Component to, Component from) {
        int reader = layer(to);
        int writer = layer(from);
        boolean attentionOfSameLayer =
                reader == writer && to instanceof Component.Mlp && from instanceof Component.Head;
        return writer < reader
                || (attentionOfSameLayer && !config.block().order().parallel());
    }

    private static int layer(Component component) {
        return component.writer().orElseThrow().layer();
    }
}
