package dev.kausal.engine.hooks;

/** Removes one hook. Closing twice is harmless. */
public interface HookHandle extends AutoCloseable {
    /** Returns how often the hook has run. */
    long fired();

    @Override
    void close();
}
