package dev.kausal.engine.source;

import com.google.gson.Gson;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;

/**
 * A Hub with one repository, org/name, on this machine: small files come from it, large ones by a redirect to a second
 * server, its storage, on another port. org/old is its former name. It can be told to misbehave.
 */
final class FakeHub implements AutoCloseable {
    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
    static final byte[] WEIGHTS = "weights ".repeat(40_000).getBytes(StandardCharsets.US_ASCII);

    /** What was asked: {@code server} is "hub" or "storage"; null for headers that were not sent. */
    record Request(String server, String method, String path, String range, String authorization) {}

    private record Refusal(int status, String code, int times) {}

    final Map<String, byte[]> files = new TreeMap<>();
    final Set<String> large = new HashSet<>();
    final Map<String, String> revisions = new HashMap<>(Map.of("main", COMMIT, COMMIT, COMMIT));
    final List<Request> requests = Collections.synchronizedList(new ArrayList<>());
    /** What storage gives instead of a file's content. */
    final Map<String, byte[]> otherContent = new HashMap<>();
    /** What is sent instead of a file's ETag. */
    final Map<String, String> otherEtag = new HashMap<>();
    /** What is answered instead of the list of files. */
    String otherListing;
    /** Whether the list of files begins and never ends: with nothing more, or with ever more blanks. */
    boolean silentListing;

    boolean endlessListing;
    /** Where storage sends on to instead of giving a file; null for nowhere. */
    String sentOnTo;
    /** Bytes after which storage breaks off, and how often it does. */
    int dropAfter;

    int drops;
    /** Whether storage falls silent instead of breaking off. */
    boolean stalls;
    /** Whether storage gives the whole when asked for a part. */
    boolean ignoresRange;

    boolean redirectsInCircles;

    private final Map<String, Refusal> refusals = new HashMap<>();
    private final HttpServer hub = server(this::answer);
    private final HttpServer storage = server(this::store);

    FakeHub() {
        files.put("config.json", "{\"model_type\": \"llama\"}".getBytes(StandardCharsets.UTF_8));
        files.put("tokenizer.json", "{}".getBytes(StandardCharsets.UTF_8));
        files.put("README.md", "# Name".getBytes(StandardCharsets.UTF_8));
        files.put("pytorch_model.bin", new byte[10]);
        files.put("onnx/model.safetensors", new byte[10]);
        addLarge("model.safetensors", WEIGHTS);
    }

    private interface Handler {
        void handle(HttpExchange exchange, String path) throws IOException;
    }

    private static HttpServer server(Handler handler) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                try (exchange) {
                    handler.handle(exchange, exchange.getRequestURI().getRawPath());
                }
            });
            server.setExecutor(Executors.newCachedThreadPool(task -> {
                Thread thread = new Thread(task, "fake-hub");
                thread.setDaemon(true);
                return thread;
            }));
            server.start();
            return server;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    void addLarge(String name, byte[] content) {
        files.put(name, content);
        large.add(name);
    }

    /** Answers so to the next {@code times} requests whose path contains {@code part}. */
    void refuse(String part, int status, String code, int times) {
        refusals.put(part, new Refusal(status, code, times));
    }

    String endpoint() {
        return "http://localhost:" + hub.getAddress().getPort();
    }

    UnaryOperator<String> env(Path home, Map<String, String> more) {
        Map<String, String> env = new HashMap<>(more);
        env.putIfAbsent("HF_HOME", home.toString());
        env.putIfAbsent("HF_ENDPOINT", endpoint());
        return env::get;
    }

    static String sha256(byte[] content) {
        return hex("SHA-256", content);
    }

    static String gitSha1(byte[] content) {
        byte[] header = ("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII);
        byte[] all = Arrays.copyOf(header, header.length + content.length);
        System.arraycopy(content, 0, all, header.length, content.length);
        return hex("SHA-1", all);
    }

    private static String hex(String algorithm, byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private void log(String server, HttpExchange exchange, String path) {
        requests.add(new Request(
                server,
                exchange.getRequestMethod(),
                path,
                exchange.getRequestHeaders().getFirst("Range"),
                exchange.getRequestHeaders().getFirst("Authorization")));
    }

    private boolean refused(HttpExchange exchange, String path) throws IOException {
        for (Map.Entry<String, Refusal> entry : refusals.entrySet()) {
            Refusal refusal = entry.getValue();
            if (path.contains(entry.getKey()) && refusal.times() > 0) {
                entry.setValue(new Refusal(refusal.status(), refusal.code(), refusal.times() - 1));
                exchange.getResponseHeaders().set("X-Error-Code", refusal.code());
                exchange.sendResponseHeaders(refusal.status(), -1);
                return true;
            }
        }
        return false;
    }

    private void answer(HttpExchange exchange, String path) throws IOException {
        log("hub", exchange, path);
        if (refused(exchange, path)) {
            return;
        }
        if (path.contains("/org/old/")) {
            exchange.getResponseHeaders().set("Location", path.replace("/org/old/", "/org/name/"));
            exchange.sendResponseHeaders(307, -1);
            return;
        }
        String api = "/api/models/org/name/revision/";
        String resolve = "/org/name/resolve/" + COMMIT + "/";
        if (path.startsWith(api)) {
            list(exchange, path.substring(api.length()).replace("%2F", "/"));
        } else if (path.startsWith(resolve)) {
            resolve(exchange, path.substring(resolve.length()));
        } else {
            exchange.getResponseHeaders().set("X-Error-Code", "RepoNotFound");
            exchange.sendResponseHeaders(404, -1);
        }
    }

    private void list(HttpExchange exchange, String revision) throws IOException {
        if (!revisions.containsKey(revision)) {
            exchange.getResponseHeaders().set("X-Error-Code", "RevisionNotFound");
            exchange.sendResponseHeaders(404, -1);
            return;
        }
        if (silentListing || endlessListing) {
            exchange.sendResponseHeaders(200, 0);
            OutputStream out = exchange.getResponseBody();
            out.write('{');
            out.flush();
            byte[] blanks = " ".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
            for (int i = 0; i < 64 && endlessListing; i++) {
                out.write(blanks);
            }
            pause(20_000);
            return;
        }
        List<Map<String, String>> siblings =
                files.keySet().stream().map(name -> Map.of("rfilename", name)).toList();
        String listing = new Gson().toJson(Map.of("sha", revisions.get(revision), "siblings", siblings));
        send(exchange, 200, (otherListing == null ? listing : otherListing).getBytes(StandardCharsets.UTF_8));
    }

    private void resolve(HttpExchange exchange, String name) throws IOException {
        byte[] content = files.get(name);
        if (!large.contains(name)) {
            exchange.getResponseHeaders().set("ETag", "\"" + otherEtag.getOrDefault(name, gitSha1(content)) + "\"");
            send(exchange, 200, otherContent.getOrDefault(name, content));
            return;
        }
        String storagePlace = "http://localhost:" + storage.getAddress().getPort() + "/" + name;
        exchange.getResponseHeaders().set("X-Linked-Etag", "\"" + otherEtag.getOrDefault(name, sha256(content)) + "\"");
        exchange.getResponseHeaders().set("X-Linked-Size", Integer.toString(content.length));
        exchange.getResponseHeaders()
                .set(
                        "Location",
                        redirectsInCircles
                                ? URI.create(endpoint())
                                        .resolve("/org/name/resolve/" + COMMIT + "/" + name)
                                        .toString()
                                : storagePlace);
        exchange.sendResponseHeaders(302, -1);
    }

    private void store(HttpExchange exchange, String path) throws IOException {
        log("storage", exchange, path);
        if (refused(exchange, path)) {
            return;
        }
        if (sentOnTo != null) {
            exchange.getResponseHeaders().set("Location", sentOnTo);
            exchange.sendResponseHeaders(302, -1);
            return;
        }
        String name = path.substring(1);
        byte[] content = otherContent.getOrDefault(name, files.get(name));
        String range = ignoresRange ? null : exchange.getRequestHeaders().getFirst("Range");
        int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
        if (from >= content.length) {
            exchange.sendResponseHeaders(416, -1);
            return;
        }
        if (range != null) {
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
        }
        send(exchange, range == null ? 200 : 206, Arrays.copyOfRange(content, from, content.length));
    }

    private void send(HttpExchange exchange, int status, byte[] content) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(content.length));
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        boolean breaks = drops > 0 && exchange.getHttpContext().getServer() == storage && dropAfter < content.length;
        exchange.sendResponseHeaders(status, content.length == 0 ? -1 : content.length);
        OutputStream out = exchange.getResponseBody();
        out.write(content, 0, breaks ? dropAfter : content.length);
        out.flush();
        if (breaks) {
            drops--;
            // A client drops what it has not read when the connection breaks: let it read.
            pause(stalls ? 20_000 : 200);
        }
    }

    private static void pause(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    List<Request> to(String server, String method) {
        return List.copyOf(requests).stream()
                .filter(request ->
                        request.server().equals(server) && request.method().equals(method))
                .toList();
    }

    @Override
    public void close() {
        hub.stop(0);
        storage.stop(0);
    }
}
