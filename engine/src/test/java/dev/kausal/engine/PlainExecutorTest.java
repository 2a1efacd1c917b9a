package dev.kausal.engine;

import dev.kausal.engine.exec.Executor;
import dev.kausal.engine.exec.PlainExecutor;

/** The plain executor keeps the contract. */
final class PlainExecutorTest extends ExecutorContract {
    @Override
    Executor executor() {
        return new PlainExecutor();
    }
}
