package dev.kausal.engine.tensor;

import ai.djl.ndarray.NDManager;
import java.lang.ref.Cleaner;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Warns of owners of native memory that were garbage-collected without being closed, which leaks the memory. The logger
 * {@code dev.kausal.engine} reports each place once.
 *
 * <p>Models are always watched, at the cost of one small object each. With {@code -Dkausal.unclosed=true}, the warning
 * names the place that opened them, and managers, one per pass, are watched too.
 */
public final class Unclosed {
    /** System property that enables places, and watching of managers. */
    public static final String PROPERTY = "kausal.unclosed";

    private static final System.Logger LOG = System.getLogger("dev.kausal.engine");
    private static final int FRAMES = 8;
    private static final Cleaner CLEANER = Cleaner.create();
    private static final Set<String> REPORTED = ConcurrentHashMap.newKeySet();

    /** Read once, so that passes do not query the property. */
    private static boolean places = Boolean.getBoolean(PROPERTY);

    private Unclosed() {}

    /** Represents an owner until it is closed, without a reference to it. */
    public static final class Watch implements AutoCloseable {
        private final State state;
        private final Cleaner.Cleanable cleanable;

        private Watch(Object owner, String what) {
            state = new State(what, places ? place() : "");
            cleanable = CLEANER.register(owner, state);
        }

        /** Ends watching: the owner is being closed. */
        @Override
        public void close() {
            state.closed = true;
            cleanable.clean();
        }
    }

    private static final class State implements Runnable {
        private final String what;
        private final String place;
        private volatile boolean closed;

        State(String what, String place) {
            this.what = what;
            this.place = place;
        }

        @Override
        public void run() {
            if (closed || !REPORTED.add(what + place)) {
                return;
            }
            String where = place.isEmpty()
                    ? " -D" + PROPERTY + "=true reports where it was opened."
                    : " It was opened at" + System.lineSeparator() + place;
            LOG.log(
                    System.Logger.Level.WARNING,
                    what + " was dropped without being closed, which leaks its native memory. Open it in a"
                            + " try-with-resources, or call close()." + where);
        }
    }

    /**
     * Watches {@code owner}, described by {@code what}, such as "A model"; the owner closes the returned watch when it
     * is closed.
     */
    public static Watch of(Object owner, String what) {
        return new Watch(owner, what);
    }

    /** Returns {@code manager}, watched if the property is set. */
    static NDManager watched(NDManager manager) {
        if (places) {
            // Otherwise its parent would keep it and all its arrays until the process ends.
            manager.getParentManager().detachInternal(manager.getName());
            manager.attachInternal("unclosed-" + manager.getName(), new Watch(manager, "A manager of arrays"));
        }
        return manager;
    }

    /** Enables or disables places, for tests; returns the previous state. */
    static boolean places(boolean on) {
        boolean before = places;
        places = on;
        return before;
    }

    private static String place() {
        String own = Unclosed.class.getName();
        return StackWalker.getInstance()
                .walk(frames -> frames.filter(frame -> !frame.getClassName().equals(own)
                                && !frame.getClassName().startsWith(own + "$"))
                        .limit(FRAMES)
                        .map(frame -> "    " + frame)
                        .collect(Collectors.joining(System.lineSeparator())));
    }
}
