package dev.kausal.engine.hooks;

/** Removes one hook. Closing twice is harmless. */
public interface HookHandle extends AutoCloseable {
    /** How often the hook ran so far. */
    long fired();

    @Override
    void close();
}
