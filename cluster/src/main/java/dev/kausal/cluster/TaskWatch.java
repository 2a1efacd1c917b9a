package dev.kausal.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.scheduler.TaskInfo;

/** Watches the tasks of a job: names lost executors, and tasks that take much longer than others. */
final class TaskWatch extends SparkListener implements AutoCloseable {
    private static final long PERIOD_MILLIS = 1_000;

    /** A task is slow if it has taken this many times as long as the median, and this long. */
    private static final int SLOW_TIMES = 3;

    private static final long SLOW_MILLIS = 60_000;

    private final Consumer<String> say;
    private final Runnable check;
    private final Map<Long, Running> running = new HashMap<>();
    private final Map<String, String> hosts = new HashMap<>();
    private final List<Long> durations = new ArrayList<>();
    private List<List<String>> tasks = List.of();
    private boolean closed;

    private static final class Running {
        final TaskInfo task;
        boolean told;

        Running(TaskInfo task) {
            this.task = task;
        }
    }

    /**
     * Starts to watch.
     *
     * @param say receives a line about an executor or task
     * @param check is called every second
     */
    TaskWatch(Consumer<String> say, Runnable check) {
        this.say = say;
        this.check = check;
        Thread thread = new Thread(this::watch, "kausal-cluster-watch");
        thread.setDaemon(true);
        thread.start();
    }

    /** Begins a job of these tasks. */
    synchronized void begin(List<List<String>> next) {
        tasks = next;
        durations.clear();
        running.clear();
    }

    /** Ends the job. */
    synchronized void end() {
        running.clear();
    }

    @Override
    public synchronized void onTaskStart(SparkListenerTaskStart event) {
        running.put(event.taskInfo().taskId(), new Running(event.taskInfo()));
    }

    @Override
    public synchronized void onTaskEnd(SparkListenerTaskEnd event) {
        running.remove(event.taskInfo().taskId());
        if (event.taskInfo().successful()) {
            durations.add(event.taskInfo().duration());
        }
    }

    @Override
    public synchronized void onExecutorAdded(SparkListenerExecutorAdded event) {
        hosts.put(event.executorId(), event.executorInfo().executorHost());
    }

    @Override
    public synchronized void onExecutorRemoved(SparkListenerExecutorRemoved event) {
        if (closed) {
            return;
        }
        List<String> lost = running.values().stream()
                .filter(it -> it.task.executorId().equals(event.executorId()))
                .map(it -> named(it.task))
                .toList();
        String host = hosts.getOrDefault(event.executorId(), "?");
        String reason = event.reason().lines().findFirst().orElse("");
        say.accept("lost executor " + event.executorId() + " on " + host + " (" + reason + "), "
                + (lost.isEmpty() ? "which had no part" : "to be computed again: " + String.join(", ", lost)));
    }

    private String named(TaskInfo task) {
        List<String> parts = task.index() < tasks.size() ? tasks.get(task.index()) : List.of();
        return parts.stream().limit(1).collect(Collectors.joining())
                + (parts.size() > 1 ? " and " + (parts.size() - 1) + " more" : "");
    }

    private void watch() {
        while (true) {
            try {
                Thread.sleep(PERIOD_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
            synchronized (this) {
                if (closed) {
                    return;
                }
                tellSlow(System.currentTimeMillis());
            }
            check.run();
        }
    }

    private void tellSlow(long now) {
        if (durations.isEmpty()) {
            return;
        }
        List<Long> sorted = durations.stream().sorted().toList();
        long median = sorted.get(sorted.size() / 2);
        for (Running task : running.values()) {
            long taken = now - task.task.launchTime();
            if (!task.told && taken > SLOW_MILLIS && taken > SLOW_TIMES * median) {
                task.told = true;
                say.accept("slow: " + named(task.task) + " on " + task.task.host() + " has taken " + taken / 1000
                        + " s, others " + median / 1000 + " s");
            }
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
    }
}
