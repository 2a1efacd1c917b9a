package dev.kausal.engine.tensor;

import ai.djl.ndarray.NDManager;
import java.lang.ref.Cleaner;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Reports owners of native memory that a caller dropped without closing them: the garbage collector frees none of it. A
 * warning of the logger {@code dev.kausal.engine}, once for each place.
 *
 * <p>Models are always watched, at the cost of one small object each. With {@code -Dkausal.unclosed=true}, the warning
 * names the place that opened them, and managers, of which each pass has one, are watched too.
 */
public final class Unclosed {
    /** The system property that turns places, and watching of managers, on. */
    public static final String PROPERTY = "kausal.unclosed";

    private static final System.Logger LOG = System.getLogger("dev.kausal.engine");
    private static final int FRAMES = 8;
    private static final Cleaner CLEANER = Cleaner.create();
    private static final Set<String> REPORTED = ConcurrentHashMap.newKeySet();

    /** Read once, so that a pass asks for no property. */
    private static boolean places = Boolean.getBoolean(PROPERTY);

    private Unclosed() {}

    /** Stands for one owner, until that is closed. Has no reference to it. */
    public static final class Watch implements AutoCloseable {
        private final State state;
        private final Cleaner.Cleanable cleanable;

        private Watch(Object owner, String what) {
            state = new State(what, places ? place() : "");
            cleanable = CLEANER.register(owner, state);
        }

        /** The owner is being closed: there is nothing to report. */
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

    /** Watches {@code owner}, such as "A model", which closes what this returns when it is closed itself. */
    public static Watch of(Object owner, String what) {
        return new Watch(owner, what);
    }

    /** Returns {@code manager}, which is watched if the property is set. */
    static NDManager watched(NDManager manager) {
        if (places) {
            // Its parent would keep it, and with it all its arrays, until the process ends.
            manager.getParentManager().detachInternal(manager.getName());
            manager.attachInternal("unclosed-" + manager.getName(), new Watch(manager, "A manager of arrays"));
        }
        return manager;
    }

    /** For tests: places on or off. Returns what they were. */
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
