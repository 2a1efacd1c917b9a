package dev.kausal.engine;

import ai.djl.pytorch.jni.JniUtils;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The operations of the native library that one thread called, by the library's own profiler. */
record NativeWork(List<Call> calls) {
    /** Calls that move no numbers, or only call others that are counted. */
    private static final Set<String> UNCOUNTED = Set.of(
            "_reshape_alias",
            "_to_copy",
            "_unsafe_view",
            "as_strided",
            "clone",
            "contiguous",
            "detach",
            "embedding",
            "empty",
            "empty_like",
            "empty_strided",
            "expand",
            "flatten",
            "full",
            "matmul",
            "mean",
            "narrow",
            "permute",
            "reshape",
            "resolve_conj",
            "resolve_neg",
            "result_type",
            "select",
            "slice",
            "softmax",
            "split_with_sizes",
            "square",
            "squeeze",
            "t",
            "to",
            "transpose",
            "unsqueeze",
            "view");

    /**
     * One call.
     *
     * @param name without "aten::"
     * @param elements elements of its first operand
     */
    record Call(String name, long elements) {}

    static NativeWork of(Runnable work) {
        try {
            Path trace = Files.createTempFile("calls", ".json");
            try {
                JniUtils.startProfile(false, true, false);
                try {
                    work.run();
                } finally {
                    JniUtils.stopProfile(trace.toString());
                }
                return new NativeWork(
                        calls(JsonParser.parseString(Files.readString(trace)).getAsJsonArray()));
            } finally {
                Files.delete(trace);
            }
        } catch (IOException e) {
            throw new IllegalStateException("no trace of native calls", e);
        }
    }

    private static List<Call> calls(JsonArray events) {
        List<Call> calls = new ArrayList<>();
        for (JsonElement element : events) {
            JsonObject event = element.getAsJsonObject();
            String name = event.get("name").getAsString();
            if (name.startsWith("aten::") && !UNCOUNTED.contains(name.substring(6))) {
                calls.add(new Call(name.substring(6), elements(event.getAsJsonArray("shape"))));
            }
        }
        return calls;
    }

    private static long elements(JsonArray shapes) {
        long elements = 1;
        for (JsonElement axis :
                shapes.isEmpty() ? new JsonArray() : shapes.get(0).getAsJsonArray()) {
            elements *= axis.getAsLong();
        }
        return elements;
    }

    long count(String name) {
        return calls.stream().filter(call -> call.name.equals(name)).count();
    }

    /** Returns how many numbers were copied from one array to another without computing anything. */
    long copied() {
        return calls.stream()
                .filter(call -> call.name.equals("copy_") || call.name.equals("cat"))
                .mapToLong(Call::elements)
                .sum();
    }
}
