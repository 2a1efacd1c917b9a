package dev.kausal.engine.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import dev.kausal.engine.model.HookedModel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Owners of native memory that are dropped are reported, and those that are closed are not. */
class UnclosedTest {
    private static final Path TINY = Path.of("src/test/resources/tiny/gpt2");
    private static final int ROUNDS = 60;

    private final List<String> reported = new CopyOnWriteArrayList<>();
    private final Logger logger = Logger.getLogger("dev.kausal.engine");
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            reported.add(line.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };
    private boolean before;

    @BeforeEach
    void listens() {
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
        before = Unclosed.places(true);
    }

    @AfterEach
    void listensNoMore() {
        Unclosed.places(before);
        logger.removeHandler(handler);
        logger.setUseParentHandlers(true);
    }

    @Test
    void aDroppedModelIsReportedOncePerPlace() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            dropModel();
        }
        collect();
        List<String> models = reported.stream()
                .filter(line -> line.startsWith("A model was dropped"))
                .toList();
        assertEquals(1, models.size(), () -> String.join("\n", reported));
        assertTrue(models.get(0).contains("UnclosedTest.dropModel"), models.get(0));
        assertTrue(models.get(0).contains("close()"), models.get(0));
    }

    @Test
    void aDroppedManagerIsReportedOncePerPlace() throws InterruptedException {
        for (int i = 0; i < 5; i++) {
            dropManager();
        }
        collect();
        List<String> managers = reported.stream()
                .filter(line -> line.startsWith("A manager of arrays was dropped"))
                .toList();
        assertEquals(1, managers.size(), () -> String.join("\n", reported));
        assertTrue(managers.get(0).contains("UnclosedTest.dropManager"), managers.get(0));
    }

    @Test
    void whatIsClosedIsNotReported() throws InterruptedException {
        try (HookedModel model = HookedModel.open(TINY);
                NDManager manager = Torch.manager()) {
            assertEquals(
                    1,
                    model.logits(List.of(new int[] {1, 2}), manager).getShape().get(1) > 0 ? 1 : 0);
        }
        collect();
        assertEquals(List.of(), reported);
    }

    private static void dropModel() {
        HookedModel.open(TINY);
    }

    private static void dropManager() {
        Torch.manager().ones(new ai.djl.ndarray.types.Shape(2));
    }

    /** Until something is reported, and for a while if nothing is. */
    private void collect() throws InterruptedException {
        for (int i = 0; i < ROUNDS && reported.isEmpty(); i++) {
            System.gc();
            Thread.sleep(20);
        }
        Thread.sleep(100);
    }
}
