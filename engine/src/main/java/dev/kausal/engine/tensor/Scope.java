package dev.kausal.engine.tensor;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;

/** Temporaries of one step: frees arrays made on this thread while it is open, and those of its manager. */
public final class Scope implements AutoCloseable {
    private final NDScope arrays = new NDScope();
    private final NDManager manager;

    Scope(NDManager manager) {
        this.manager = manager;
    }

    /** Returns the owner of arrays created from Java numbers; they are freed with the scope. */
    public NDManager manager() {
        return manager;
    }

    @Override
    public void close() {
        manager.close();
        arrays.close();
    }
}
