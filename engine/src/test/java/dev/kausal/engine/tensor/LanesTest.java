package dev.kausal.engine.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pieces of work in several threads. */
final class LanesTest {
    @BeforeEach
    void fourThreads() {
        Torch.threads(4);
    }

    @AfterEach
    void allThreads() {
        Torch.threads(Runtime.getRuntime().availableProcessors());
    }

    @Test
    void lanesWorkAtTheSameTimeWithAShareOfTheThreadsEach() {
        CountDownLatch bothBegan = new CountDownLatch(2);
        Set<Thread> workers = ConcurrentHashMap.newKeySet();
        List<Integer> shares = Collections.synchronizedList(new ArrayList<>());
        Runnable meeting = () -> {
            workers.add(Thread.currentThread());
            shares.add(Torch.threads());
            bothBegan.countDown();
            assertTrue(await(bothBegan), "the other piece did not begin meanwhile");
        };
        ParallelGroups.run(2, List.of(meeting, meeting));
        assertEquals(2, workers.size());
        assertEquals(List.of(2, 2), shares);
        assertEquals(4, Torch.threads(), "afterwards, all threads for one operation again");
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            return false;
        }
    }

    @Test
    void everyPieceIsDoneOnce() {
        AtomicInteger[] done =
                IntStream.range(0, 100).mapToObj(i -> new AtomicInteger()).toArray(AtomicInteger[]::new);
        ParallelGroups.run(
                3,
                IntStream.range(0, 100)
                        .<Runnable>mapToObj(i -> done[i]::incrementAndGet)
                        .toList());
        for (AtomicInteger piece : done) {
            assertEquals(1, piece.get());
        }
    }

    @Test
    void oneLaneIsThisThreadInOrder() {
        List<Integer> order = new ArrayList<>();
        Thread here = Thread.currentThread();
        List<Runnable> pieces = IntStream.range(0, 5)
                .<Runnable>mapToObj(i -> () -> {
                    assertSame(here, Thread.currentThread());
                    assertEquals(4, Torch.threads());
                    order.add(i);
                })
                .toList();
        ParallelGroups.run(1, pieces);
        assertEquals(List.of(0, 1, 2, 3, 4), order);
        order.clear();
        Recording.of(() -> {
            ParallelGroups.run(4, pieces);
            return null;
        });
        assertEquals(List.of(0, 1, 2, 3, 4), order, "recorded operations are one thread's");
    }

    @Test
    void whatAPieceThrowsComesOutAndThoseNotBegunAreLeft() {
        AtomicInteger after = new AtomicInteger();
        IllegalStateException thrown = new IllegalStateException("of the first piece");
        List<Runnable> pieces = new ArrayList<>();
        pieces.add(() -> {
            throw thrown;
        });
        pieces.add(() -> {
            throw thrown;
        });
        IntStream.range(0, 1000).forEach(i -> pieces.add(after::incrementAndGet));
        assertSame(thrown, assertThrows(IllegalStateException.class, () -> ParallelGroups.run(2, pieces)));
        assertEquals(0, after.get());
        assertEquals(4, Torch.threads());
    }
}
