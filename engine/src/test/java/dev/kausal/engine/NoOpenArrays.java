package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Fused;
import dev.kausal.engine.tensor.Torch;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test that leaves a native manager open; {@link #during} also counts the arrays of a model that stays open. */
final class NoOpenArrays implements BeforeEachCallback, AfterEachCallback {
    private static final ExtensionContext.Namespace SPACE = ExtensionContext.Namespace.create(NoOpenArrays.class);

    @Override
    public void beforeEach(ExtensionContext context) {
        Torch.inference();
        // Its operations live as long as the process.
        try (NDManager first = Torch.manager()) {
            Fused.geluTanh(first.create(1f)).close();
        }
        context.getStore(SPACE).put("before", managers());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        int before = context.getStore(SPACE).get("before", Integer.class);
        assertEquals(before, managers(), "native managers that are open after " + context.getDisplayName());
    }

    /** Runs {@code step} twice, and checks that the second time leaves no array behind. */
    static void during(HookedModel model, Runnable step) {
        NDManager weights = model.weights().manager();
        step.run(); // What is made once and kept is made now.
        int before = weights.getManagedArrays().size();
        int managers = managers();
        step.run();
        assertEquals(before, weights.getManagedArrays().size(), "arrays of the weights' manager");
        assertEquals(managers, managers(), "native managers that are open");
    }

    /** Returns how many open arrays of this process have a shape. */
    static int open(Shape shape) {
        try (NDManager probe = Torch.manager()) {
            return (int) probe.getParentManager().getManagedArrays().stream()
                    .filter(array -> has(shape, array))
                    .count();
        }
    }

    private static boolean has(Shape shape, NDArray array) {
        try {
            return array.getShape().equals(shape);
        } catch (IllegalStateException e) {
            return false; // closed meanwhile, by the thread that decodes the next layer
        }
    }

    private static int managers() {
        try (NDManager probe = Torch.manager()) {
            return probe.getParentManager().getManagedArrays().size();
        }
    }
}
