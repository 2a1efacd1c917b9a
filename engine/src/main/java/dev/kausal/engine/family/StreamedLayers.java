package dev.kausal.engine.family;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.tensor.Device;
import dev.kausal.engine.tensor.Precision;
import dev.kausal.engine.tensor.Recording;
import dev.kausal.engine.tensor.Torch;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ForkJoinPool;
import java.util.function.BiFunction;

/**
 * The layers of a model that does not fit in memory, each decoded when a pass reaches it, and the next one meanwhile.
 *
 * <p>{@link #get} returns new handles, which belong to the caller's open NDScope. A layer's memory is free once it has
 * left the window and every scope that uses it has ended, so a pass needs no call to give a layer back.
 */
final class StreamedLayers extends AbstractList<LayerWeights> implements AutoCloseable {
    private record Decoded(NDManager owner, Map<Parameter, NDArray> arrays) {}

    private final Device device;
    private final Precision precision;
    private final NDManager handles;
    private final int layers;
    private final int held;
    private final BiFunction<Integer, NDManager, Map<Parameter, NDArray>> decode;
    // One worker beside the passes' threads: more would take their processors.
    private final ForkJoinPool ahead = new ForkJoinPool(1);
    private final Map<Integer, CompletableFuture<Decoded>> slots = new HashMap<>();
    private boolean closed;

    /**
     * Creates layers of which none is decoded.
     *
     * @param handles owner of the handles that are returned outside every scope
     * @param held number of first layers that stay in memory
     * @param decode reads a layer's parameters as the maths reads them, in {@code precision}, owned by the given manager
     */
    StreamedLayers(
            Device device,
            Precision precision,
            NDManager handles,
            int layers,
            int held,
            BiFunction<Integer, NDManager, Map<Parameter, NDArray>> decode) {
        this.device = device;
        this.precision = precision;
        this.handles = handles;
        this.layers = layers;
        this.held = Math.min(held, layers);
        this.decode = decode;
    }

    @Override
    public int size() {
        return layers;
    }

    /**
     * Returns a layer's weights, as handles of the caller's open NDScope.
     *
     * @throws dev.kausal.engine.errors.KausalException if the file cannot be read or has NaN or infinity there
     */
    @Override
    public LayerWeights get(int layer) {
        return LayerWeights.of(parameters(layer), precision);
    }

    /** Returns the same layers after a change of each parameter, which makes its arrays in the open NDScope. */
    List<LayerWeights> mapped(BiFunction<Parameter, NDArray, NDArray> change) {
        return new AbstractList<>() {
            @Override
            public int size() {
                return layers;
            }

            @Override
            public LayerWeights get(int layer) {
                Map<Parameter, NDArray> changed = new EnumMap<>(Parameter.class);
                parameters(layer).forEach((parameter, array) -> changed.put(parameter, change.apply(parameter, array)));
                return LayerWeights.of(changed, precision);
            }
        };
    }

    private Map<Parameter, NDArray> parameters(int layer) {
        while (true) {
            CompletableFuture<Decoded> mine = entered(layer);
            Decoded decoded = awaited(layer, mine);
            synchronized (this) {
                // Another thread may have moved the window meanwhile.
                if (slots.get(layer) == mine) {
                    return aliases(decoded);
                }
            }
        }
    }

    /** Moves the window to a layer, decoding it on this thread if nothing has begun to, and begins with the next. */
    private CompletableFuture<Decoded> entered(int layer) {
        CompletableFuture<Decoded> mine;
        boolean begins;
        int next = next(layer);
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException("the model is closed");
            }
            leave(layer, next);
            begins = !slots.containsKey(layer);
            mine = slots.computeIfAbsent(layer, key -> new CompletableFuture<>());
        }
        if (begins) {
            decodeInto(mine, layer);
        }
        synchronized (this) {
            if (!closed && next >= 0 && !slots.containsKey(next)) {
                slots.put(next, CompletableFuture.supplyAsync(() -> decodedAhead(next), ahead));
            }
        }
        return mine;
    }

    private void decodeInto(CompletableFuture<Decoded> slot, int layer) {
        try {
            slot.complete(decoded(layer));
        } catch (RuntimeException | Error e) {
            slot.completeExceptionally(e);
        }
    }

    /** Returns the layer that a pass reaches next: the one below in a backward pass, and the first after the last. */
    private int next(int layer) {
        int next = Recording.on() ? layer - 1 : (layer + 1) % layers;
        return next == layer ? -1 : next;
    }

    private void leave(int layer, int next) {
        slots.entrySet().removeIf(slot -> {
            int other = slot.getKey();
            boolean gone = other >= held && other != layer && other != next;
            if (gone) {
                var unused = closeWhenDecoded(slot.getValue());
            }
            return gone;
        });
    }

    private Decoded decodedAhead(int layer) {
        Torch.threads(1); // The setting is per thread.
        return decoded(layer);
    }

    private Decoded decoded(int layer) {
        Torch.inference();
        NDManager owner = device.manager();
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            Map<Parameter, NDArray> arrays = decode.apply(layer, owner);
            arrays.values().forEach(NDScope::unregister);
            return new Decoded(owner, arrays);
        } catch (RuntimeException | Error e) {
            owner.close();
            throw e;
        }
    }

    private Decoded awaited(int layer, CompletableFuture<Decoded> mine) {
        try {
            return mine.join();
        } catch (CompletionException e) {
            synchronized (this) {
                slots.remove(layer, mine);
            }
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            throw e;
        }
    }

    private Map<Parameter, NDArray> aliases(Decoded decoded) {
        Map<Parameter, NDArray> aliases = new EnumMap<>(Parameter.class);
        decoded.arrays().forEach((parameter, array) -> {
            NDArray alias = array.stopGradient();
            alias.attach(handles);
            aliases.put(parameter, alias);
        });
        return aliases;
    }

    @Override
    public void close() {
        List<CompletableFuture<Decoded>> open;
        synchronized (this) {
            closed = true;
            open = new ArrayList<>(slots.values());
            slots.clear();
        }
        open.forEach(slot -> closeWhenDecoded(slot).join());
        ahead.shutdown();
    }

    private static CompletableFuture<Void> closeWhenDecoded(CompletableFuture<Decoded> slot) {
        return slot.handle((decoded, failure) -> {
            if (failure == null) {
                decoded.owner().close();
            }
            return null;
        });
    }
}
