package dev.kausal.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A standalone Spark cluster, as a user starts it: a master and workers in processes of their own, on the loopback interface. */
final class LoopbackCluster implements AutoCloseable {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final String HOST = LOOPBACK.getHostAddress();

    private final List<Process> processes = new ArrayList<>();
    private final Commands commands;

    /** Address for {@code --cluster}. */
    final String address;

    /** Starts a master and workers of one core each, whose files go to {@code folder}. */
    LoopbackCluster(Commands commands, Path folder, int workers) throws IOException, InterruptedException {
        this.commands = commands;
        int port = freePort();
        address = "spark://" + HOST + ":" + port;
        start("master.Master", "--host", HOST, "--port", "" + port, "--webui-port", "0");
        awaitMaster(port);
        for (int worker = 0; worker < workers; worker++) {
            String files = folder.resolve("worker-" + worker).toString();
            start(
                    "worker.Worker",
                    "--host",
                    HOST,
                    "--webui-port",
                    "0",
                    "--cores",
                    "1",
                    "--memory",
                    "2g",
                    "--work-dir",
                    files,
                    address);
        }
    }

    private void start(String name, String... arguments) {
        List<String> words = new ArrayList<>(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"));
        words.add(System.getProperty("java.class.path"));
        words.add("org.apache.spark.deploy." + name);
        words.addAll(List.of(arguments));
        processes.add(commands.java(words).process());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, LOOPBACK)) {
            return socket.getLocalPort();
        }
    }

    private void awaitMaster(int port) throws InterruptedException {
        for (int tries = 0; tries < 600; tries++) {
            try {
                new Socket(LOOPBACK, port).close();
                return;
            } catch (IOException e) {
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
        throw new IllegalStateException("no master at " + address);
    }

    /** Returns the processes that workers have started. */
    List<ProcessHandle> executors() {
        return processes.stream().flatMap(Process::descendants).toList();
    }

    @Override
    public void close() {
        List<ProcessHandle> started = executors();
        processes.forEach(Process::destroy);
        for (Process process : processes) {
            try {
                if (!process.waitFor(10, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        started.forEach(ProcessHandle::destroyForcibly);
    }
}
