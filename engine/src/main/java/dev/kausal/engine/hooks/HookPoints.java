package dev.kausal.engine.hooks;

import dev.kausal.engine.config.ModelConfig;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All hook points of one model, in the order in which the forward pass reaches them. Immutable. */
public final class HookPoints {
    private final List<HookPoint> all;
    private final Map<String, HookPoint> byName = new LinkedHashMap<>();
    private final Map<HookKind, HookPoint[]> byKind = new EnumMap<>(HookKind.class);
    private final String family;
    private final Presence presence;

    private HookPoints(List<HookPoint> all, String family, Presence presence, int layers) {
        this.all = List.copyOf(all);
        this.family = family;
        this.presence = presence;
        for (HookPoint point : all) {
            byName.put(point.name(), point);
            HookPoint[] row = byKind.computeIfAbsent(point.kind(), kind -> new HookPoint[kind.layered() ? layers : 1]);
            row[Math.max(0, point.layer())] = point;
        }
    }

    /** Returns the points of a model with these choices. */
    public static HookPoints of(ModelConfig config) {
        Presence presence = new Presence(config);
        List<HookPoint> points = new ArrayList<>();
        for (HookKind kind : presence.order()) {
            if (kind == HookKind.RESID_PRE) {
                for (int layer = 0; layer < config.layers(); layer++) {
                    for (HookKind inBlock : presence.order()) {
                        if (inBlock.layered()) {
                            add(points, inBlock, layer, config);
                        }
                    }
                }
            } else if (!kind.layered()) {
                add(points, kind, -1, config);
            }
        }
        return new HookPoints(points, config.family(), presence, config.layers());
    }

    private static void add(List<HookPoint> points, HookKind kind, int layer, ModelConfig config) {
        boolean ofFirstNorm = kind == HookKind.LN1_SCALE || kind == HookKind.LN1_NORMALIZED;
        if (ofFirstNorm && layer == 0 && config.block().plainFirst()) {
            return;
        }
        HookKind.Reach reach = kind.reach(config);
        points.add(new HookPoint(points.size(), kind.name(layer), kind, layer, reach, kind.axes(config)));
    }

    /** Returns all points, in the order of the forward pass. */
    public List<HookPoint> all() {
        return all;
    }

    /**
     * Returns the point named {@code name}.
     *
     * @throws UnknownHookPointException if this model has no such point
     */
    public HookPoint named(String name) {
        HookPoint point = byName.get(name);
        if (point == null) {
            throw new UnknownHookPointException(name, family, presence.whyNot(name), byName.keySet());
        }
        return point;
    }

    /** Creates an error for a filter that accepts no point. */
    UnknownHookPointException none(String filter) {
        return new UnknownHookPointException(filter, family, "", byName.keySet());
    }

    /** Returns why this model has no point named {@code name}; empty if it has one, or if unknown. */
    public String whyNot(String name) {
        return has(name) ? "" : presence.whyNot(name);
    }

    /** Returns whether this model has a point named {@code name}. */
    public boolean has(String name) {
        return byName.containsKey(name);
    }

    /** Returns the point of {@code kind} in {@code layer} (ignored outside the blocks); empty if the model has none. */
    public Optional<HookPoint> find(HookKind kind, int layer) {
        HookPoint[] row = byKind.get(kind);
        return row == null ? Optional.empty() : Optional.ofNullable(row[kind.layered() ? layer : 0]);
    }

    /**
     * Returns the points whose names match a glob: {@code *} within one part between dots, {@code **} across parts.
     *
     * @throws UnknownHookPointException if none matches
     */
    public List<HookPoint> matching(String glob) {
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + glob.replace('.', '/'));
        List<HookPoint> found = all.stream()
                .filter(point -> matcher.matches(Path.of(point.name().replace('.', '/'))))
                .toList();
        if (found.isEmpty()) {
            throw new UnknownHookPointException(glob, family, presence.whyNot(glob), byName.keySet());
        }
        return found;
    }
}
