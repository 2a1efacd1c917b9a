package dev.kausal.engine.hooks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.tensor.Recording;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The hooks of a run: any number per point, called in the order in which they were added.
 *
 * <p>Independent of a model's weights: one set may serve many passes over models with the same {@link HookPoints}. Not
 * thread-safe; use one set per thread.
 */
public final class Hooks {
    private final HookPoints points;
    private final List<List<Entry>> byPoint;
    private boolean again;

    /** Creates an empty set for models with these points. */
    public Hooks(HookPoints points) {
        this.points = points;
        this.byPoint = new ArrayList<>();
        points.all().forEach(point -> byPoint.add(new ArrayList<>(0)));
    }

    /** How a hook uses its array. */
    private enum Access {
        /** Reads it. */
        READS,
        /** Returns another array in its place. */
        REPLACES,
        /** May change it in place, and so gets a copy: what earlier hooks captured must not change. */
        EDITS
    }

    private static final class Entry implements HookHandle {
        private final Hook hook;
        private final Access access;
        private final List<Entry> owner;
        private long fired;
        private boolean removed;

        Entry(Hook hook, Access access, List<Entry> owner) {
            this.hook = hook;
            this.access = access;
            this.owner = owner;
        }

        @Override
        public long fired() {
            return fired;
        }

        @Override
        public void close() {
            removed = true;
            owner.removeIf(entry -> entry == this);
        }
    }

    /** Adds a hook that may replace the activation at the point named {@code name}. */
    public HookHandle edit(String name, Hook hook) {
        return add(points.named(name), hook, Access.EDITS);
    }

    /** Adds a hook that only reads the point named {@code name}; it must not change the array in place. */
    public HookHandle read(String name, BiConsumer<NDArray, HookPoint> watcher) {
        return add(points.named(name), reading(watcher), Access.READS);
    }

    /** Adds a hook that only reads every point that {@code which} accepts; the handle removes it from all of them. */
    public HookHandle read(Predicate<HookPoint> which, BiConsumer<NDArray, HookPoint> watcher) {
        return all(which, reading(watcher), Access.READS);
    }

    /**
     * Adds a hook that replaces the activation at every point that {@code which} accepts; it must not change the given
     * array in place. The handle removes it from all of them.
     */
    public HookHandle replace(Predicate<HookPoint> which, Hook hook) {
        return all(which, hook, Access.REPLACES);
    }

    private HookHandle all(Predicate<HookPoint> which, Hook hook, Access access) {
        List<HookHandle> handles = points.all().stream()
                .filter(which)
                .map(point -> add(point, hook, access))
                .toList();
        return new HookHandle() {
            @Override
            public long fired() {
                return handles.stream().mapToLong(HookHandle::fired).sum();
            }

            @Override
            public void close() {
                handles.forEach(HookHandle::close);
            }
        };
    }

    /**
     * Adds a hook that watches every point that {@code which} accepts ({@link HookFilter}) and calls back according to
     * {@code trigger}. Closing it takes effect immediately, even within a running pass.
     *
     * @param callback must not change the array in place
     * @return handle that counts the calls, and removes the hook from all points
     * @throws UnknownHookPointException if {@code which} accepts no point
     */
    public HookHandle watch(Predicate<HookPoint> which, Trigger trigger, BiConsumer<NDArray, HookPoint> callback) {
        if (points.all().stream().noneMatch(which)) {
            throw points.none("the filter of a watching hook");
        }
        return new Watch(this, which, trigger, callback);
    }

    /** A read-only hook at several points. */
    private static final class Watch implements HookHandle {
        private final HookHandle reading;
        private long calls;

        Watch(Hooks hooks, Predicate<HookPoint> which, Trigger trigger, BiConsumer<NDArray, HookPoint> callback) {
            reading = hooks.read(which, (activation, point) -> {
                boolean over = trigger.once() && calls > 0;
                if (!over && trigger.when().test(activation, point)) {
                    calls++;
                    callback.accept(activation, point);
                }
            });
        }

        @Override
        public long fired() {
            return calls;
        }

        @Override
        public void close() {
            reading.close();
        }
    }

    /** Captures the activations of every point that {@code which} accepts, before later hooks change them. */
    public ActivationCache capture(Predicate<HookPoint> which, NDManager manager) {
        ActivationCache cache = new ActivationCache(manager, points);
        read(which, cache::store);
        return cache;
    }

    /** Captures the activations of every point whose name matches the glob (see {@link HookPoints#matching}). */
    public ActivationCache capture(String glob, NDManager manager) {
        List<HookPoint> found = points.matching(glob);
        return capture(found::contains, manager);
    }

    private static Hook reading(BiConsumer<NDArray, HookPoint> watcher) {
        return (activation, point) -> {
            watcher.accept(activation, point);
            return activation;
        };
    }

    private HookHandle add(HookPoint point, Hook hook, Access access) {
        List<Entry> entries = byPoint.get(point.index());
        Entry entry = new Entry(hook, access, entries);
        entries.add(entry);
        return entry;
    }

    /**
     * Computes parts of a pass again. Meanwhile hooks that only read are not called, since they were in the pass, and
     * none is counted.
     */
    public <T> T again(Supplier<T> work) {
        again = true;
        try {
            return work.get();
        } finally {
            again = false;
        }
    }

    /** Returns whether there are no hooks. */
    public boolean isEmpty() {
        return byPoint.stream().allMatch(List::isEmpty);
    }

    /** Returns whether {@code point} has a hook. */
    public boolean at(HookPoint point) {
        return !byPoint.get(point.index()).isEmpty();
    }

    /** Returns whether {@code point} has a hook that may change the activation. */
    public boolean editsAt(HookPoint point) {
        return byPoint.get(point.index()).stream().anyMatch(entry -> entry.access != Access.READS);
    }

    /**
     * Passes an activation through the point's hooks. For use by the engine.
     *
     * @throws HookShapeException if a hook returns another shape or type
     */
    public NDArray fire(HookPoint point, NDArray activation) {
        NDArray current = activation;
        for (Entry entry : List.copyOf(byPoint.get(point.index()))) {
            if (entry.removed || (again && entry.access == Access.READS)) {
                continue;
            }
            NDArray given = entry.access == Access.EDITS ? Recording.copy(current) : current;
            NDArray result = entry.hook.apply(given, point);
            entry.fired += again ? 0 : 1;
            if (result == null
                    || !result.getShape().equals(current.getShape())
                    || result.getDataType() != current.getDataType()) {
                String found = result == null ? "nothing" : result.getShape() + " " + result.getDataType();
                throw new HookShapeException(point, current.getShape() + " " + current.getDataType(), found);
            }
            current = result;
        }
        return current;
    }

    /** Moves {@code array} out of the pass's scope, to {@code manager}; gradients do not flow through it. */
    static NDArray keep(NDArray array, NDManager manager) {
        // A new handle on the same storage: the pass closes its own at the end of the layer.
        NDArray handle = array.stopGradient();
        NDScope.unregister(handle);
        handle.attach(manager);
        return handle;
    }
}
